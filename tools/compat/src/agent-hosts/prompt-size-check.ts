import { differs } from "../check/differs.ts";
import { countOf, promptsSeen, type Run } from "../agents/agent-check.ts";
import { asList, type ModelRequest } from "../agents/model-log.ts";
import { ownHost } from "./own-host.ts";

const words = ["one", "two", "three", "four", "five"];

/** Five messages come while the agent answers the first: no prompt has more of them than the group's configuration says. */
export const promptSize: Run = async (stage) => {
  const host = await ownHost(stage);
  await host.up();
  host.ncl("groups", "config", "update", "Ada", "--max-messages-per-prompt", "2");
  await host.chat(...words.map((word) => `word-${word}`));
  await host.down();
  const requests = stage.model.requests();
  const seen = promptsSeen(requests);
  return [
    ...differs("the messages of the largest prompt", Math.max(...requests.map(messagesOf)), 2),
    ...words.flatMap((word) =>
      differs(`how often the model sees ${word}`, countOf(seen, `>word-${word}<`), 1),
    ),
  ];
};

type Item = { readonly role?: string };

/** How many messages of people the last prompt of a request has. */
const messagesOf = ({ body }: ModelRequest): number => {
  const items = asList<Item>(body.messages ?? body.input);
  return countOf(JSON.stringify(items.findLast(({ role }) => role === "user") ?? null), "<message id=");
};
