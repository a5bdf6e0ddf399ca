-- Lines of a header that are no field are text as well. An index that was made without them belongs to no mail.db, and so
-- it is made anew.
UPDATE state SET epoch = '';
