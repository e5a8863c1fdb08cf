import type { Added } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { ok, visible, type Result } from "@gatehouse/std";
import type { Reloaded } from "../reload-host.ts";
import { idsText } from "../user-map.ts";
import { addDocument, recoveredText, reloadText, warningLines } from "./changes.ts";
import { modelLines, type ModelWarning } from "./check-model.ts";
import type { BeginLink } from "./begin-link.ts";
import type { Membership } from "./membership.ts";
import { ended, type Ended } from "./ended.ts";
import type { AddFlags } from "./flags.ts";

export type AddOutcome = {
  readonly added: Added;
  /** About the model of the entry. */
  readonly warning: ModelWarning | null;
  readonly reloaded: Result<Reloaded, Failure>;
  /** Null if the reload failed: the membership was then not checked. */
  readonly membership: Membership | null;
  /** Empty without a bot, and for a member of no group. */
  readonly links: readonly BeginLink[];
};

/** Prints the outcome. Fails if the host's reload failed, or if the person could not join the group. */
export const finish = (
  { added, warning, reloaded, membership, links }: AddOutcome,
  flags: AddFlags,
  io: Io,
): Result<null, Ended> => {
  const { plan, status, recovered, warnings } = added;
  const { name } = plan.user;
  const who = `${name} (${idsText(plan.user)})`;
  const happened = status === "added" ? `Added ${who}.` : `${who} exists already: nothing was done.`;
  if (!reloaded.ok)
    return ended("refused", { ...reloaded.error, message: `${happened} ${reloaded.error.message}` });
  if (membership?.state === "not-joined") {
    const { failure } = membership;
    return ended("refused", { ...failure, message: `${happened} ${failure.message}` });
  }
  if (flags.json) {
    const document = addDocument(added, warning);
    printJson(io, {
      ok: true,
      status,
      ...document,
      recovered,
      reload: reloaded.value,
      membership,
      ...(links.length === 0 ? {} : { links }),
    });
    return ok(null);
  }
  const lines = [
    ...(recovered === null ? [] : [recoveredText({ recovered })]),
    happened,
    ...warningLines(warnings),
    ...modelLines(warning),
    reloadText(reloaded.value),
    ...membershipLines(name, membership),
    ...linkLines(name, links),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return ok(null);
};

const linkLines = (name: string, links: readonly BeginLink[]): readonly string[] => {
  const [first, ...others] = links;
  if (first === undefined) return [];
  if (others.length === 0) return [`${name} opens this link ${first.how}:`, `  ${first.link}`];
  return [
    `${name} opens one of these links for each bot ${first.how}:`,
    ...links.map(({ bot, group, link }) => `  ${visible(group)}, by @${visible(bot)}: ${link}`),
  ];
};

/** The commands that the person still needs for a first message. */
const membershipLines = (name: string, membership: Membership | null): readonly string[] => {
  if (membership?.state === "none")
    return [
      `${name} is a member of no group, so no agent answers them yet. To change that:`,
      `  ${membership.join}`,
    ];
  if (membership?.state !== "joined") return [];
  return [
    `${name} is a member of ${membership.group}. To try a first message, as the host's account:`,
    `  ${membership.tryIt}`,
  ];
};
