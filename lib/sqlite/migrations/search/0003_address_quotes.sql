-- Addresses are looked for without their quotes, and so the runs of such texts are in the index, too. One that was made
-- without them belongs to no mail.db, and so it is made anew.
UPDATE state SET epoch = '';
