import type { Result } from "@gatehouse/std";
import type { ChatRefusal } from "./find-speaker.ts";
import type { Hello, Said } from "./frames.ts";
import type { Guest } from "./greet.ts";
import type { ShownFrom } from "./lines.ts";

/** What a connection needs of its channel. */
export type ChatHost = ShownFrom & {
  readonly greet: (hello: Hello) => Promise<Result<Guest, ChatRefusal>>;
  /** Stores a person's message. Refuses the id of another message. */
  readonly say: (guest: Guest, said: Said) => Promise<Result<null, ChatRefusal>>;
  readonly report: (error: unknown) => void;
};
