import { shellWord } from "@gatehouse/std";
import { done, refused, type CommandContext, type ReadContext } from "@gatehouse/command-context";
import { wireAddressOf } from "@gatehouse/wire/runner";
import { defineCommand, type Command } from "@nc/cli-scope";
import { invitationText } from "./invitation.ts";
import { codeMs } from "./invitations.ts";

/** The TLS port for other machines. */
export type MachineDoor = {
  /** The name and port under which other machines find this one, such as `ada.example:7443`. */
  readonly address: string;
  /** The pin of its certificate; null for a certificate of an authority. */
  readonly pin: string | null;
};

export type Inviting = {
  /** Makes a code, with which one machine becomes that of a group. */
  readonly invite: (groupId: string) => string;
  /** Null if this host has none. */
  readonly door: MachineDoor | null;
};

/** `ncl machines invite`: prints the command with which another machine begins to run the agents of a group. */
export const inviteCommand = ({ invite, door }: Inviting): Command<CommandContext, ReadContext> =>
  defineCommand({
    words: "machines invite",
    resource: null,
    effect: "change",
    access: "operator",
    reach: "host",
    description:
      "Print the command with which another machine begins to run the agents of a group. It works once, within ten minutes.",
    examples: ["machines invite --group Ana", "machines invite --group Ana --address ada.example:7443"],
    flags: [
      {
        name: "group",
        type: "string",
        required: true,
        refersTo: "groups",
        description: "The agent group whose agents are to run there.",
      },
      {
        name: "address",
        type: "string",
        description:
          "HOST:PORT under which that machine finds this host; by default the name of this machine.",
      },
    ],
    run: async ({ group, address = door?.address ?? "" }, { context }) => {
      if (door === null)
        return refused(
          "not-found",
          "This host has no port for other machines: start it with gatehouse up --listen 0.0.0.0:7443",
        );
      if (wireAddressOf(`tls://${address}`) === null)
        return refused("invalid-args", `"${address}" is not HOST:PORT, such as ada.example:7443`);
      const [groups, machines] = [context.rows("groups"), context.rows("machines")];
      const found = await groups.get(group);
      if (!found.ok) return found;
      const there = await machines.list({ where: { agent_group_id: group }, limit: 1 });
      if (!there.ok) return there;
      const [machine] = there.value;
      const name = String(found.value?.["name"] ?? group);
      if (machine !== undefined)
        return refused(
          "invalid-args",
          `The agents of ${name} run on the machine ${String(machine["name"])} already: gatehouse machines revoke ${shellWord(name)}`,
        );
      const code = invitationText({ address: `tls://${address}`, pin: door.pin, code: invite(group) });
      const command = `gatehouse machine run ${code}`;
      const minutes = codeMs / 60_000;
      const human = [
        `On the machine that is to run the agents of ${name}, with gatehouse and their CLI installed:`,
        "",
        `  ${command}`,
        "",
        `It works once, within ${minutes} minutes. From then on the agents of ${name} run there, with a folder of their own`,
        "on that machine, and reach models through this host alone: no key leaves it.",
        `To see and to end it: gatehouse machines list, gatehouse machines revoke ${shellWord(name)}`,
      ].join("\n");
      return done({ command, group, address, minutes }, { human });
    },
  });
