import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, onTestFinished, test } from "vitest";
import { makeSettingsKey, readSettingsKey, type SettingsKey } from "./settings-key.ts";
import { firstShared, jsonFilesIn, resealAll, settingsSharing, type SharedFile } from "./share-settings.ts";

const newKey = async (): Promise<SettingsKey> => {
  const made = await makeSettingsKey(join(temporaryFolder(), "key"));
  return made.ok ? made.value : expect.fail(made.error);
};

/** The checks of the readers, as far as these tests need them. */
const flaws = Object.fromEntries(
  ["secrets.json", "mcp-secrets.json", "messengers.json", "mounts.json", "upstreams.json", "prices.json"].map(
    (name) => [name, (text: string) => (text.includes("wrong") ? "it is no such file" : null)],
  ),
);

/** Two hosts of one database, each with a data folder of its own. */
const twoHosts = async () => {
  const central = await openedCentral(temporaryFolder());
  onTestFinished(() => central.close());
  const key = await newKey();
  const host = (name: string, own: SettingsKey | null = key) => {
    const dataDir = temporaryFolder();
    const logged: string[] = [];
    const log = (event: string, { file }: Readonly<Record<string, unknown>>): void =>
      void logged.push(`${event} ${String(file)}`);
    const taken: string[] = [];
    /** Runs before users.yaml is shared. */
    const hooks = { beforeShared: null as (() => Promise<void>) | null };
    const may = { shared: true, replaced: true, reason: null as string | null };
    const users: SharedFile = {
      name: "users.yaml",
      path: join(dataDir, "users.yaml"),
      isSealed: true,
      flaw: (text) => (text.includes("wrong") ? "it is no list of people" : null),
      mayBe: async () => {
        await hooks.beforeShared?.();
        return may;
      },
      taken: () => void taken.push("users.yaml"),
    };
    const files = [...jsonFilesIn(dataDir, flaws, (file) => void taken.push(file)), users];
    const settings = { db: central.db, dataDir, host: name, key: own, files, now: () => at, log };
    let sharing = settingsSharing(settings);
    return Object.assign(hooks, {
      dataDir,
      logged,
      taken,
      may,
      share: () => sharing.share(),
      state: (file: string) => sharing.states()[file],
      /** Forgets what it has in memory, as a host that is started again. */
      restart: (to = own) => void (sharing = settingsSharing({ ...settings, key: to })),
      write: (file: string, text: string) => writeFileSync(join(dataDir, file), text, { mode: 0o600 }),
      remove: (file: string) => rmSync(join(dataDir, file)),
      read: (file: string) =>
        existsSync(join(dataDir, file)) ? readFileSync(join(dataDir, file), "utf8") : null,
    });
  };
  const rows = () =>
    central.db.selectFrom("shared_settings").selectAll().where("name", "!=", "seal").execute();
  return { central, key, host, one: host("one"), two: host("two"), rows };
};

test("a file that one host changes or removes changes or goes at the other", async () => {
  const { one, two } = await twoHosts();
  one.write("secrets.json", '"first"');
  await one.share();
  await two.share();
  expect(two.read("secrets.json")).toBe('"first"');
  expect(statSync(join(two.dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
  two.write("secrets.json", '"second"');
  await two.share();
  await one.share();
  expect(one.read("secrets.json")).toBe('"second"');
  one.remove("secrets.json");
  await one.share();
  await two.share();
  expect(two.read("secrets.json")).toBeNull();
  expect(one.logged).toEqual([
    "settings-shared secrets.json",
    "settings-taken secrets.json",
    "settings-shared secrets.json",
  ]);
});

test("a host that was stopped takes up what changed meanwhile, and shares what was changed in its folder", async () => {
  const { one, two } = await twoHosts();
  one.write("prices.json", "1");
  one.write("secrets.json", "1");
  await one.share();
  await two.share();
  one.write("prices.json", "2");
  await one.share();
  two.write("secrets.json", "2");
  two.restart();
  await two.share();
  await one.share();
  for (const host of [one, two])
    expect([host.read("prices.json"), host.read("secrets.json")]).toEqual(["2", "2"]);
});

test("of two changes at once the first in the database wins, and the other one is kept beside", async () => {
  const { one, two } = await twoHosts();
  one.write("secrets.json", '"common"');
  await one.share();
  await two.share();
  one.write("secrets.json", '"of one"');
  two.write("secrets.json", '"of two"');
  await one.share();
  await two.share();
  await one.share();
  expect([one.read("secrets.json"), two.read("secrets.json")]).toEqual(['"of one"', '"of one"']);
  expect(two.read("secrets.json.mine-2")).toBe('"of two"');
  expect(statSync(join(two.dataDir, "secrets.json.mine-2")).mode & 0o777).toBe(0o600);
  expect(two.logged).toContain("settings-conflict secrets.json");
});

test("a host that joins with a file of its own keeps that beside; one with the same file keeps nothing", async () => {
  const { one, two, host } = await twoHosts();
  const three = host("three");
  one.write("prices.json", '"shared"');
  two.write("prices.json", '"own"');
  three.write("prices.json", '"shared"');
  for (const each of [one, two, three]) await each.share();
  expect([two.read("prices.json"), two.read("prices.json.mine-1")]).toEqual(['"shared"', '"own"']);
  expect(readdirSync(three.dataDir).toSorted()).toEqual(["prices.json", "shared-settings.json"]);
});

test.for(["mounts.json", "upstreams.json", "users.yaml"])("%s is sealed and shared", async (file) => {
  const { one, two, rows } = await twoHosts();
  one.write(file, '{"folders": ["/srv/shared"]}');
  await one.share();
  await two.share();
  expect(two.read(file)).toBe('{"folders": ["/srv/shared"]}');
  expect([one.taken, two.taken]).toEqual([[], [file]]);
  expect((await rows()).map(({ content }) => content?.includes("/srv/shared"))).toEqual([false]);
});

test("an edit of users.yaml is shared once its host has reloaded it, and no other host's text replaces it before", async () => {
  const { one, two } = await twoHosts();
  one.write("users.yaml", "users: []");
  await one.share();
  await two.share();
  Object.assign(two.may, { shared: false, replaced: false, reason: "it was not reloaded" });
  two.write("users.yaml", "users: [ada]");
  await two.share();
  expect(two.state("users.yaml")).toEqual({ version: 1, problem: "it was not reloaded" });
  one.write("users.yaml", "users: [bob]");
  await one.share();
  await two.share();
  expect([one.read("users.yaml"), two.read("users.yaml")]).toEqual(["users: [bob]", "users: [ada]"]);
  Object.assign(two.may, { shared: true, replaced: true });
  await two.share();
  expect([two.read("users.yaml"), two.read("users.yaml.mine-2")]).toEqual(["users: [bob]", "users: [ada]"]);
  expect(two.state("users.yaml")).toEqual({ version: 2, problem: null });
});

test("a host that starts takes the shared users.yaml before it reads its own", async () => {
  const { one, two } = await twoHosts();
  one.write("users.yaml", "users: [ada]");
  await one.share();
  two.write("users.yaml", "users: [bob]");
  Object.assign(two.may, { shared: false, replaced: true });
  await two.share();
  expect([two.read("users.yaml"), two.read("users.yaml.mine-1")]).toEqual(["users: [ada]", "users: [bob]"]);
});

test("without a key no secret is shared, and prices are", async () => {
  const { host, one, rows } = await twoHosts();
  const bare = host("bare", null);
  bare.write("secrets.json", '"mine"');
  bare.write("prices.json", "{}");
  await bare.share();
  expect((await rows()).map(({ name }) => name)).toEqual(["prices.json"]);
  one.write("secrets.json", '"theirs"');
  await one.share();
  await bare.share();
  await bare.share();
  expect(bare.read("secrets.json")).toBe('"mine"');
  expect(bare.logged.filter((line) => line.startsWith("settings-not-shared"))).toHaveLength(1);
});

test("a host with another key leaves its files as they are", async () => {
  const { one, host } = await twoHosts();
  const other = host("other", await newKey());
  one.write("secrets.json", '"theirs"');
  await one.share();
  other.write("secrets.json", '"mine"');
  await other.share();
  expect(other.read("secrets.json")).toBe('"mine"');
  expect(other.logged).toEqual(["settings-not-shared secrets.json"]);
});

test("the database has no secret in the clear, and a row that was changed or renamed there is not taken", async () => {
  const { central, one, two, rows } = await twoHosts();
  one.write("secrets.json", '"planted-secret"');
  one.write("mcp-secrets.json", '"another"');
  await one.share();
  expect(JSON.stringify(await rows())).not.toContain("planted-secret");
  const [first, second] = await rows();
  await central.db
    .updateTable("shared_settings")
    .set({ content: first?.content ?? "", version: 2 })
    .where("name", "=", second?.name ?? "")
    .execute();
  await two.share();
  expect(two.read(second?.name ?? "")).toBeNull();
  expect(two.logged).toContain(`settings-not-shared ${second?.name ?? ""}`);
});

test("a text in the clear is taken for no file of secrets", async () => {
  const { central, one, two } = await twoHosts();
  one.write("secrets.json", '"theirs"');
  await one.share();
  await central.db.updateTable("shared_settings").set({ content: "[]", key_id: null }).execute();
  await two.share();
  expect(two.read("secrets.json")).toBeNull();
});

test("of a row that went back to an earlier version, the file here is kept beside", async () => {
  const { central, one, rows } = await twoHosts();
  one.write("prices.json", "1");
  await one.share();
  const dump = await rows();
  one.write("prices.json", "2");
  await one.share();
  await central.db
    .updateTable("shared_settings")
    .set(dump[0] ?? {})
    .execute();
  await one.share();
  expect([one.read("prices.json"), one.read("prices.json.mine-1")]).toEqual(["1", "2"]);
});

test("after a restore, a host takes another version with the number of its own, and keeps its file beside", async () => {
  const { central, one, two, rows } = await twoHosts();
  one.write("secrets.json", '"leaked"');
  await one.share();
  const dump = await rows();
  one.write("secrets.json", '"of before the restore"');
  await one.share();
  await two.share();
  await central.db
    .updateTable("shared_settings")
    .set(dump[0] ?? {})
    .where("name", "=", "secrets.json")
    .execute();
  one.restart();
  await one.share();
  one.write("secrets.json", '"newest"');
  await one.share();
  two.restart();
  await two.share();
  expect([one.read("secrets.json"), two.read("secrets.json")]).toEqual(['"newest"', '"newest"']);
  expect(two.read("secrets.json.mine-2")).toBe('"of before the restore"');
});

test("after a restore, a host that was away overwrites no version with the number of its own", async () => {
  const { central, one, two, rows } = await twoHosts();
  one.write("prices.json", "1");
  await one.share();
  const dump = await rows();
  one.write("prices.json", "2");
  await one.share();
  await two.share();
  await central.db
    .updateTable("shared_settings")
    .set(dump[0] ?? {})
    .execute();
  await one.share();
  one.write("prices.json", "3");
  await one.share();
  two.write("prices.json", "4");
  await two.share();
  expect(await rows()).toMatchObject([{ version: 2, content: "3" }]);
  expect([two.read("prices.json"), two.read("prices.json.mine-2")]).toEqual(["3", "4"]);
});

test("a host that comes to an empty database shares its files there anew", async () => {
  const { central, one, rows } = await twoHosts();
  one.write("prices.json", "1");
  await one.share();
  await central.db.deleteFrom("shared_settings").execute();
  await one.share();
  expect(await rows()).toMatchObject([{ name: "prices.json", version: 1 }]);
});

test.for(["secrets.json", "prices.json"])(
  "%s that is JSON but nothing that its reader can use is not shared, and another host's change replaces it",
  async (file) => {
    const { one, two } = await twoHosts();
    one.write(file, '"good"');
    await one.share();
    await two.share();
    two.write(file, '"wrong"');
    await two.share();
    await one.share();
    expect([one.read(file), two.read(file)]).toEqual(['"good"', '"wrong"']);
    expect(two.state(file)).toEqual({ version: 1, problem: "it is no such file" });
    one.write(file, '"better"');
    await one.share();
    await two.share();
    expect([two.read(file), two.read(`${file}.mine-2`)]).toEqual(['"better"', '"wrong"']);
  },
);

test.for(["prices.json", "users.yaml"])(
  "a text that a reader cannot use is not taken for %s from the database either",
  async (file) => {
    const { central, key, one, two } = await twoHosts();
    one.write(file, '"good"');
    await one.share();
    await two.share();
    const wrong = file === "users.yaml" ? key.seal(`${file} 2`, '"wrong"') : '"wrong"';
    await central.db
      .updateTable("shared_settings")
      .set({ version: 2, version_id: "next", content: wrong })
      .where("name", "=", file)
      .execute();
    await two.share();
    expect([two.read(file), two.taken]).toEqual(['"good"', [file]]);
    expect(two.state(file)?.problem).toContain("version 2 of it cannot be used");
  },
);

test("of a file that another host has changed, the last text is kept beside", async () => {
  const { one, two } = await twoHosts();
  for (const text of ['"first"', '"second"', '"third"']) {
    one.write("secrets.json", text);
    await one.share();
    await two.share();
  }
  expect([two.read("secrets.json"), two.read("secrets.json.before")]).toEqual(['"third"', '"second"']);
  expect(statSync(join(two.dataDir, "secrets.json.before")).mode & 0o777).toBe(0o600);
});

test("a half-written file is not shared before it is whole", async () => {
  const { one, rows } = await twoHosts();
  one.write("prices.json", '{"half');
  await one.share();
  expect(await rows()).toEqual([]);
  one.write("prices.json", "{}");
  await one.share();
  expect(await rows()).toMatchObject([{ content: "{}" }]);
});

test("a host with the old key changes no row that the new key has sealed", async () => {
  const { central, key, one, rows } = await twoHosts();
  one.write("secrets.json", "1");
  await one.share();
  expect(await resealAll(central.db, { from: key, to: await newKey(), now: at })).toMatchObject({
    resealed: 1,
  });
  const before = await rows();
  one.write("secrets.json", "2");
  await one.share();
  expect(await rows()).toEqual(before);
  expect(one.logged).toContain("settings-not-shared secrets.json");
});

test("a host with the old key makes no row either, nor removes one or makes one anew", async () => {
  const { central, key, one, rows } = await twoHosts();
  one.write("secrets.json", "1");
  one.write("messengers.json", "1");
  await one.share();
  one.remove("messengers.json");
  await one.share();
  await resealAll(central.db, { from: key, to: await newKey(), now: at });
  const before = await rows();
  one.write("mcp-secrets.json", "1");
  one.write("messengers.json", "2");
  one.remove("secrets.json");
  await one.share();
  expect(await rows()).toEqual(before);
  for (const file of ["mcp-secrets.json", "messengers.json"])
    expect(one.state(file)?.problem).toContain("the secrets of this database have another key");
});

test("a host that a rekey overtakes between its look and its write changes nothing", async () => {
  const { central, key, one, rows } = await twoHosts();
  one.write("secrets.json", "1");
  await one.share();
  const next = await newKey();
  let before: Awaited<ReturnType<typeof rows>> = [];
  one.beforeShared = async () => {
    one.beforeShared = null;
    await resealAll(central.db, { from: key, to: next, now: at });
    before = await rows();
  };
  one.write("users.yaml", "users: []");
  await one.share();
  expect(await rows()).toEqual(before);
  expect(before).toMatchObject([{ name: "secrets.json", version: 2, key_id: next.id }]);
});

test("two hosts with different keys: the first one that seals a file keeps the other one out", async () => {
  const { one, host, rows } = await twoHosts();
  const other = host("other", await newKey());
  one.write("secrets.json", "1");
  await one.share();
  other.write("mcp-secrets.json", "1");
  await other.share();
  expect(await rows()).toMatchObject([{ name: "secrets.json" }]);
  expect(other.logged).toEqual(["settings-not-shared secrets.json", "settings-not-shared mcp-secrets.json"]);
});

test("rekey seals all secrets anew as their next version; a host with the new key has the file already", async () => {
  const { central, key, one, two, host, rows } = await twoHosts();
  one.write("secrets.json", '"planted-secret"');
  await one.share();
  await two.share();
  const next = await newKey();
  expect(await resealAll(central.db, { from: key, to: next, now: at })).toEqual({
    resealed: 1,
    unopened: [],
  });
  expect(await rows()).toMatchObject([{ version: 2, key_id: next.id }]);
  two.restart(next);
  await two.share();
  expect(two.taken).toEqual(["secrets.json"]);
  const late = host("late", next);
  await late.share();
  expect(late.read("secrets.json")).toBe('"planted-secret"');
});

test("after a rekey with another key, a host with the new one shares its file anew", async () => {
  const { central, one, two, rows } = await twoHosts();
  one.write("secrets.json", "1");
  await one.share();
  await two.share();
  const next = await newKey();
  expect(await resealAll(central.db, { from: await newKey(), to: next, now: at })).toEqual({
    resealed: 0,
    unopened: ["secrets.json"],
  });
  expect(await rows()).toEqual([]);
  two.restart(next);
  await two.share();
  expect(await rows()).toMatchObject([{ name: "secrets.json", version: 1, key_id: next.id }]);
});

test.for([
  ["that others may read", 0o644, "A".repeat(43), /may be read by other accounts/],
  ["that a group may write", 0o660, "A".repeat(43), /may be read by other accounts/],
  ["with half a key", 0o600, "AAAA", /no key of 32 bytes/],
] as const)("a key file %s is refused", async ([, mode, text, why]) => {
  const file = join(temporaryFolder(), "key");
  writeFileSync(file, text);
  chmodSync(file, mode);
  expect(await readSettingsKey(file)).toEqual({ ok: false, error: expect.stringMatching(why) as unknown });
  expect(await makeSettingsKey(file)).toMatchObject({ ok: false });
});

test("of a text that is shared for good, the first one counts for all hosts with the key", async () => {
  const { central, key, rows } = await twoHosts();
  const share = (text: string | null, own: SettingsKey | null = key): Promise<string | null> =>
    firstShared(central.db, { name: "log.key", text, key: own, now: at });
  expect([await share(null), await share("the first", null)]).toEqual([null, null]);
  expect(await rows()).toEqual([]);
  expect([await share("the first"), await share("the second"), await share(null)]).toEqual(
    Array.from({ length: 3 }, () => "the first"),
  );
  expect(await share("the second", await newKey())).toBeNull();
  expect(JSON.stringify(await rows())).not.toContain("the first");
});

test("a host whose key does not seal the database's secrets shares no text for good", async () => {
  const { central, one, rows } = await twoHosts();
  one.write("secrets.json", "1");
  await one.share();
  const other = { name: "log.key", text: "the first", key: await newKey(), now: at };
  expect(await firstShared(central.db, other)).toBeNull();
  expect(await rows()).toMatchObject([{ name: "secrets.json" }]);
});

test("a key file behind a link, which a group may read, is read", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "secret"), "A".repeat(43));
  chmodSync(join(folder, "secret"), 0o440);
  symlinkSync("secret", join(folder, "key"));
  expect(await readSettingsKey(join(folder, "key"))).toMatchObject({ ok: true });
});
