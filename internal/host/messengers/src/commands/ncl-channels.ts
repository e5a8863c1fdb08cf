import { done, refused, type CommandContext, type ReadContext } from "@gatehouse/command-context";
import { defineCommand, type Command, type Row } from "@nc/cli-scope";
import { botStates, type BotState } from "../state.ts";

type ChannelSource = { readonly db: Parameters<typeof botStates>[1]; readonly dataDir: string };

/**
 * `ncl channels list` and `ncl channels get`: the bots of this host with their states. A bot's token is no argument of a
 * command, so bots come and go by `gatehouse channels`.
 */
export const channelCommands = ({
  db,
  dataDir,
}: ChannelSource): readonly Command<CommandContext, ReadContext>[] => {
  const signature = { resource: null, effect: "read", access: "open", reach: "host" } as const;
  return [
    defineCommand({
      ...signature,
      words: "channels list",
      description: "List the bots through which people write to this host, with the state of each.",
      examples: ["channels list"],
      flags: [],
      run: async () => done((await botStates(dataDir, db)).map(rowOf)),
    }),
    defineCommand({
      ...signature,
      words: "channels get",
      description: "Show one bot.",
      examples: ["channels get telegram", "channels get telegram/lab"],
      flags: [
        {
          name: "id",
          type: "string",
          required: true,
          description: "The messenger; for a further bot the messenger, / and the bot's name.",
        },
      ],
      positional: "id",
      run: async ({ id }) => {
        const row = (await botStates(dataDir, db)).map(rowOf).find((one) => one["id"] === id);
        return row === undefined
          ? refused("not-found", `There is no channel "${id}": ncl channels list`)
          : done(row);
      },
    }),
  ];
};

const rowOf = (state: BotState): Row => {
  const { type, bot, username, receiver, lastUpdateAt, waiting, trouble } = state;
  return {
    id: bot === "" ? type : `${type}/${bot}`,
    type,
    name: bot,
    status: statusOf(state),
    username,
    receiver,
    last_update_at: lastUpdateAt,
    waiting: waiting.count,
    waiting_since: waiting.oldest,
    trouble,
  };
};

const statusOf = ({ receiver, trouble }: BotState): "receiving" | "trouble" | "no-receiver" => {
  if (receiver === null) return "no-receiver";
  return trouble === null ? "receiving" : "trouble";
};
