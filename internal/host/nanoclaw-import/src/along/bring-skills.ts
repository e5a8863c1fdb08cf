import { join } from "node:path";
import { besideGroups } from "@gatehouse/group-setup";
import { makeFolder } from "@gatehouse/fs-kit";
import type { ImportedRow } from "../convert-rows.ts";
import { claudeFolder, sessionsRoot } from "../folder/conversations.ts";
import { copyFolder } from "../folder/copy-folder.ts";
import { factsOf, isPlainFile } from "../folder/facts-of.ts";
import { foldersBelow } from "../folder/plain-folder.ts";
import type { Along, AlongPlace, Brought, Left } from "./brought.ts";

/** The names that a configuration accepts for a skill. */
const skillName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Copies the skills that nanoclaw has for all groups into `skills/` of the data folder, and the skills that a group's
 * agent made into the group's folder, where its CLI finds them.
 */
export const bringSkills = async (place: AlongPlace, groups: readonly ImportedRow[]): Promise<Along> => {
  const shared = await sharedSkills(place);
  const own = [];
  for (const group of groups) own.push(await ownSkills(place, group));
  const all = [shared, ...own];
  return { brought: all.flatMap(({ brought }) => brought), left: all.flatMap(({ left }) => left) };
};

type Skill = { readonly from: readonly string[]; readonly to: string; readonly now: string };

const sharedSkills = async (place: AlongPlace): Promise<Along> => {
  const from = ["container", "skills"];
  const to = join(besideGroups(place.staging), "skills");
  const [brought, left]: [Brought[], Left[]] = [[], []];
  for (const name of await foldersBelow(place.folder, ...from)) {
    const what = join(...from, name);
    const there = join(place.dataDir, "skills", name);
    if ((await factsOf(there)) !== null)
      left.push({ what, count: 1, why: `${there} exists already, and stays` });
    else
      await take(
        place,
        { from: [...from, name], to: join(to, name), now: `${there}, for all groups` },
        brought,
        left,
      );
  }
  return { brought, left };
};

const ownSkills = async (place: AlongPlace, { id, folder }: ImportedRow): Promise<Along> => {
  const from = [...sessionsRoot.split("/"), String(id), claudeFolder, "skills"];
  const below = join(String(folder), ".claude", "skills");
  const [brought, left]: [Brought[], Left[]] = [[], []];
  // `foldersBelow` leaves out links. Links here lead to nanoclaw's skills for all groups.
  for (const name of await foldersBelow(place.folder, ...from)) {
    const to = join(place.staging, below, name);
    const now = join(place.dataDir, "groups", below, name);
    const what = join(...from, name);
    if ((await factsOf(to)) !== null)
      left.push({ what, count: 1, why: `the group's folder has ${below}/${name}` });
    else await take(place, { from: [...from, name], to, now }, brought, left);
  }
  return { brought, left };
};

const take = async (
  place: AlongPlace,
  { from, to, now }: Skill,
  brought: Brought[],
  left: Left[],
): Promise<void> => {
  const what = join(...from);
  const source = join(place.folder, what);
  const why = !skillName.test(from.at(-1) ?? "")
    ? "a skill's name has letters, digits and . _ -"
    : (await isPlainFile(join(source, "SKILL.md")))
      ? null
      : "it has no SKILL.md, so it is not a skill";
  if (why !== null) return void left.push({ what, count: 1, why });
  await makeFolder(join(to, ".."), 0o711);
  const { files, skipped } = await copyFolder(source, to, place);
  brought.push({ what, files, now });
  left.push(...skipped.map((one) => ({ what: join(what, one.path), count: 1, why: one.why })));
};
