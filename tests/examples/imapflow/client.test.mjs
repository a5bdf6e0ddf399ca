// imapflow against a server that speaks IMAP4rev2, CONDSTORE, QRESYNC, UTF8=ACCEPT and IDLE: two devices on one account.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";

const { PORT, MAIL_USER: user, MAIL_PASSWORD: pass } = process.env;
const clients = [];

async function connect(options = {}) {
  const client = new ImapFlow({
    host: "127.0.0.1", port: Number(PORT), secure: true, auth: { user, pass },
    tls: { rejectUnauthorized: false }, logger: false, disableAutoIdle: true, ...options,
  });
  clients.push(client);
  client.on("error", () => {});
  await client.connect();
  return client;
}

const message = (subject, body = "Hello") =>
  `From: Änne <a@example.org>\r\nTo: b@example.org\r\nSubject: ${subject}\r\nMessage-ID: <${encodeURIComponent(subject)}@example.org>\r\n\r\n${body}\r\n`;

const all = async (iterator) => {
  const list = [];
  for await (const each of iterator) list.push(each);
  return list;
};

// An event, or a failure after ten seconds.
const event = (client, name, matches = () => true) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 10_000);
    const listen = (data) => {
      if (!matches(data)) return;
      clearTimeout(timer);
      client.off(name, listen);
      resolve(data);
    };
    client.on(name, listen);
  });

let phone;
let laptop;
before(async () => {
  phone = await connect({ qresync: true });
  laptop = await connect();
});
after(async () => {
  for (const client of clients) if (client.usable) await client.logout();
});

test("what is offered is used", () => {
  for (const name of ["CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "IMAP4REV2"]) {
    assert.ok([...phone.enabled].some((each) => each.toUpperCase() === name), name);
  }
  for (const name of ["IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "OBJECTID", "LIST-STATUS", "ESEARCH"]) {
    assert.ok(phone.capabilities.has(name), name);
  }
});

test("folders with their uses, counters and names in any script", async () => {
  const created = await laptop.mailboxCreate(["Projekte", "Größe 日本"]);
  assert.equal(created.path, "Projekte/Größe 日本");
  assert.ok(created.mailboxId);
  const list = await phone.list({ statusQuery: { messages: true, unseen: true, uidNext: true } });
  const byPath = Object.fromEntries(list.map((each) => [each.path, each]));
  assert.equal(byPath.INBOX.specialUse, "\\Inbox");
  assert.equal(byPath.Sent.specialUse, "\\Sent");
  assert.equal(byPath.Trash.specialUse, "\\Trash");
  assert.equal(byPath["Projekte/Größe 日本"].parentPath, "Projekte");
  assert.equal(byPath["Projekte/Größe 日本"].status.messages, 0);
  await laptop.mailboxRename("Projekte/Größe 日本", "Projekte/Übrig");
  await laptop.mailboxDelete("Projekte/Übrig");
  await laptop.mailboxDelete("Projekte");
  assert.ok(!(await phone.list()).some((each) => each.path.startsWith("Projekte")));
});

test("append, fetch, flags, search, download", async () => {
  const mail = "From: x@y\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n" +
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHallo\r\n" +
    "--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
    Buffer.from("attached octets").toString("base64") + "\r\n--b--\r\n";
  const appended = await laptop.append("Archive", mail, ["\\Seen", "work"], new Date("2024-05-06T07:08:09Z"));
  assert.ok(appended.uid);
  const lock = await phone.getMailboxLock("Archive");
  try {
    const one = await phone.fetchOne(appended.uid,
      { envelope: true, flags: true, bodyStructure: true, internalDate: true, source: true, size: true }, { uid: true });
    assert.equal(one.envelope.subject, "Grüße");
    assert.deepEqual([...one.flags].sort(), ["\\Seen", "work"]);
    assert.equal(one.internalDate.toISOString(), "2024-05-06T07:08:09.000Z");
    assert.equal(one.source.toString(), mail);
    assert.equal(one.size, mail.length);
    assert.ok(one.emailId);
    assert.equal(one.bodyStructure.childNodes[1].type, "application/octet-stream");
    const { content } = await phone.download(appended.uid, "2", { uid: true });
    assert.equal(Buffer.concat(await all(content)).toString(), "attached octets");
    assert.deepEqual(await phone.search({ subject: "grüSSE", keyword: "work" }, { uid: true }), [appended.uid]);
    assert.deepEqual(await phone.search({ emailId: one.emailId }, { uid: true }), [appended.uid]);
    await phone.messageFlagsAdd(appended.uid, ["\\Flagged"], { uid: true });
    assert.ok((await phone.fetchOne(appended.uid, { flags: true }, { uid: true })).flags.has("\\Flagged"));
  } finally {
    lock.release();
  }
});

test("IDLE tells of arrivals, flags and removals of another device", async () => {
  await phone.mailboxOpen("INBOX");
  const idle = phone.idle();
  let heard = event(phone, "exists");
  await laptop.append("INBOX", message("one"));
  const exists = await heard;
  assert.equal(exists.count, exists.prevCount + 1);

  await laptop.mailboxOpen("INBOX");
  const uid = laptop.mailbox.uidNext - 1;
  heard = event(phone, "flags", (data) => data.flags.has("\\Flagged"));
  await laptop.messageFlagsAdd(uid, ["\\Flagged"], { uid: true });
  const flags = await heard;
  assert.equal(flags.uid, uid);
  assert.ok(flags.modseq > 0n);

  heard = event(phone, "expunge");
  await laptop.messageDelete(uid, { uid: true });
  assert.equal((await heard).uid, uid);  // VANISHED
  await phone.noop();
  await idle;
});

test("a device that was away learns what happened (QRESYNC)", async () => {
  const uids = [];
  for (const subject of ["a", "b", "c", "d"]) uids.push((await laptop.append("INBOX", message(subject))).uid);
  const before = await phone.mailboxOpen("INBOX");
  await phone.mailboxClose();

  await laptop.mailboxOpen("INBOX");
  await laptop.messageFlagsAdd(uids[0], ["\\Seen"], { uid: true });
  const moved = await laptop.messageMove(uids[1], "Trash", { uid: true });
  assert.equal(moved.uidMap.size, 1);
  await laptop.messageDelete(uids[3], { uid: true });

  const changed = [];
  const gone = [];
  const onFlags = (data) => changed.push(data.uid);
  const onExpunge = (data) => gone.push(data.uid);
  phone.on("flags", onFlags);
  phone.on("expunge", onExpunge);
  const now = await phone.mailboxOpen("INBOX",
    { changedSince: before.highestModseq.toString(), uidValidity: before.uidValidity });
  phone.off("flags", onFlags);
  phone.off("expunge", onExpunge);
  assert.equal(now.uidValidity, before.uidValidity);
  assert.ok(now.highestModseq > before.highestModseq);
  assert.deepEqual(changed, [uids[0]]);
  assert.deepEqual(gone.sort(), [uids[1], uids[3]].sort());

  // CONDSTORE alone, as the laptop has it.
  const later = await all(laptop.fetch("1:*", { flags: true, uid: true }, { uid: true, changedSince: before.highestModseq }));
  assert.deepEqual(later.map((each) => each.uid), [uids[0]]);
  assert.ok(later[0].modseq > before.highestModseq);
  assert.equal((await laptop.status("Trash", { messages: true, highestModseq: true })).messages, 1);
});

test("a store with UNCHANGEDSINCE does not overwrite what another device did", async () => {
  const { uid } = await laptop.append("INBOX", message("contested"));
  await phone.mailboxOpen("INBOX");
  await laptop.mailboxOpen("INBOX");
  const { modseq } = await phone.fetchOne(uid, { flags: true, modseq: true }, { uid: true });
  await laptop.messageFlagsAdd(uid, ["\\Answered"], { uid: true });
  await phone.messageFlagsSet(uid, ["\\Draft"], { uid: true, unchangedSince: modseq });
  const { flags } = await phone.fetchOne(uid, { flags: true }, { uid: true });
  assert.ok(flags.has("\\Answered"));
  assert.ok(!flags.has("\\Draft"));
});

test("threads have one identity", async () => {
  const first = await laptop.append("Archive", message("talk"));
  const reply = await laptop.append("Archive", "From: b@example.org\r\nSubject: Re: talk\r\nIn-Reply-To: <talk@example.org>\r\n\r\nYes\r\n");
  await laptop.mailboxOpen("Archive");
  const one = await laptop.fetchOne(first.uid, { threadId: true, uid: true }, { uid: true });
  const two = await laptop.fetchOne(reply.uid, { threadId: true, uid: true }, { uid: true });
  assert.ok(one.threadId);
  assert.equal(one.threadId, two.threadId);
  assert.deepEqual(await laptop.search({ threadId: one.threadId }, { uid: true }), [first.uid, reply.uid]);
});

test("a thousand messages", async () => {
  for (let i = 0; i < 1000; i += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, k) => laptop.append("Junk", message(`bulk ${i + k}`))));
  }
  await phone.mailboxOpen("Junk");
  assert.equal(phone.mailbox.exists, 1000);
  const list = await all(phone.fetch("1:*", { envelope: true, flags: true }));
  assert.equal(list.length, 1000);
  assert.equal(new Set(list.map((each) => each.envelope.subject)).size, 1000);
  assert.ok(await phone.messageMove("1:500", "Trash"));
  assert.equal((await phone.search({ all: true })).length, 500);
});
