import type { Added } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { ok, type Result } from "@gatehouse/std";
import type { Reloaded } from "../reload-host.ts";
import { addDocument, recoveredText, reloadText, warningLines } from "./changes.ts";
import { modelLines, type ModelWarning } from "./check-model.ts";
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
  /** The link to the chat with the host's Telegram bot; null if there is none. */
  readonly link: string | null;
};

/** Prints the outcome. Fails if the host's reload failed, or if the person could not join the group. */
export const finish = (
  { added, warning, reloaded, membership, link }: AddOutcome,
  flags: AddFlags,
  io: Io,
): Result<null, Ended> => {
  const { plan, status, recovered, warnings } = added;
  const { name, telegram_id: id } = plan.user;
  const happened =
    status === "added"
      ? `Added ${name} (telegram:${id}).`
      : `${name} (telegram:${id}) exists already: nothing was done.`;
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
      ...(link === null ? {} : { link }),
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
    ...(link === null
      ? []
      : [`${name} opens this link in Telegram within a day, and presses Start:`, `  ${link}`]),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return ok(null);
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
