import { defineCommand } from "@nc/cli-scope";
import { done, refused, type CommandContext, type ReadContext } from "@gatehouse/command-context";
import type { Command } from "@nc/cli-scope";

export type Inviting = {
  /** Makes a code for a person; null is the operator. */
  readonly invite: (userId: string | null) => string;
  /** The address of the console; null if it is not served. */
  readonly address: () => string | null;
};

/** `ncl console invite`: prints a link that signs one browser in. */
export const inviteCommand = ({ invite, address }: Inviting): Command<CommandContext, ReadContext> =>
  defineCommand({
    words: "console invite",
    resource: null,
    effect: "change",
    access: "operator",
    reach: "host",
    description:
      "Print a link to the console. It signs one browser in, within a minute, as the operator or as a person.",
    examples: ["console invite", "console invite --user telegram:6037840640"],
    flags: [
      {
        name: "user",
        type: "string",
        description: "The person, <channel>:<handle>; without it the operator.",
        refersTo: "users",
      },
    ],
    run: async ({ user }, { context }) => {
      const at = address();
      if (at === null)
        return refused("not-found", "This host has no console: start it with gatehouse up --console");
      const known = user === undefined ? null : await context.rows("users").get(user);
      if (known?.ok === false) return known;
      if (known?.ok === true && known.value === null)
        return refused("not-found", `There is no person "${user ?? ""}": ncl users list`);
      const code = invite(user ?? null);
      const link = `${at}/sign-in#code=${code}`;
      const human = `${link}\n\nIt works once, for a minute. Without a link: open ${at} and type ${code}`;
      return done({ link, code, address: at, as: user ?? null }, { human });
    },
  });
