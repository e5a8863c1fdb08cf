// A process that updates configurations: `writer.fixture.ts <file> <own name> <group>...`. It reads the
// number of updates to make from stdin. After each committed update it prints `<group> <count> <generation>`:
// the number of its updates of that group, and the new generation.
import process from "node:process";
import { createInterface } from "node:readline";
import { containerConfigStore } from "./config-store.ts";
import { mustOpen } from "./store.fixture.ts";

const [file = "", name = "", ...groups] = process.argv.slice(2);
const sqlite = await mustOpen(file);
const store = containerConfigStore(sqlite.db, { now: () => new Date().toISOString(), keep: 1_000_000 });
const counts = new Map(groups.map((group) => [group, 0]));

/** Every writer has its own entry `<name>.<count>` in the list, and does not change the others. */
const update = async (group: string): Promise<void> => {
  const count = (counts.get(group) ?? 0) + 1;
  const updated = await store.updateEntries(group, "skills", (current) => {
    const others = (current === "all" ? [] : current).filter((entry) => !entry.startsWith(`${name}.`));
    return { ok: true, value: [...others, `${name}.${count}`] };
  });
  if (!updated.ok) throw new Error(JSON.stringify(updated.error));
  counts.set(group, count);
  process.stdout.write(`${group} ${count} ${updated.value.config.generation}\n`);
};

let made = 0;
for await (const line of createInterface({ input: process.stdin }))
  for (const end = made + Number(line); made < end; made += 1)
    await update(groups[made % groups.length] ?? "");
await sqlite.close();
