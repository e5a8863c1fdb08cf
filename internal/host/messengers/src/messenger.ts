import type { MessengerBot } from "@gatehouse/data-folder";
import type { Attachment, FromPerson, ToChat } from "@gatehouse/channels";
import type { Card, Result } from "@gatehouse/std";

/** Why a call to a platform had no effect, or may have had one. Its texts never contain the bot's token. */
export type CallError = {
  /**
   * `unsent`: the request never left this machine. `unknown`: it may have been carried out. `wait`: the platform asks for a
   * pause. `conflict`: another program receives the bot's updates. `muted`: the chat is there, and the bot may not write in it.
   * All others are refusals.
   */
  readonly code:
    | "unsent"
    | "unknown"
    | "wait"
    | "conflict"
    | "no-such-chat"
    | "blocked"
    | "muted"
    | "unauthorized"
    | "refused";
  /** A sentence. */
  readonly message: string;
  /** What a person does about it: a clause. */
  readonly fix?: string;
  /** With `wait`: ms. */
  readonly retryAfterMs?: number;
  /** With `no-such-chat`: the chat goes on under this platform id. */
  readonly movedTo?: string;
};

/** An update of a bot as the inbox keeps it. */
export type KeptUpdate = {
  /**
   * Its number, which rises; a repeated update has the same one. Null on a platform without such numbers: then the inbox counts,
   * and a repeated update has the same `messageId`.
   */
  readonly updateId: number | null;
  /** The platform id of its chat. */
  readonly chat: string;
  /** The id under which the host gets it. Several updates are one message if they have one id. */
  readonly messageId: string;
  /** The platform's JSON. */
  readonly content: string;
  /** A chat goes on under another platform id. */
  readonly move?: { readonly from: string; readonly to: string };
};

/** A file of a person's message, which the platform hands over later. */
export type RemoteFile = {
  /** The platform's id of it. */
  readonly id: string;
  readonly name: string;
  /** Bytes; null if the platform does not say. */
  readonly size: number | null;
};

/** A person's answer to a card, as the platform tells it. */
export type GivenAnswer =
  /** A button, by its data. */
  | { readonly by: "button"; readonly data: string }
  /** A reply to the message of a card. */
  | { readonly by: "reply" };

/** The place of a message, which the inbox knows. */
export type MessagePlace = Pick<FromPerson, "id" | "channelType" | "platformId" | "instance">;

/** A person's message in an update. */
export type ReadMessage = {
  readonly type: "message";
  readonly message: Omit<FromPerson, keyof MessagePlace | "attachments" | "answer">;
  /** The person begins a direct chat with the bot, as `startLink` lets them: with the code of their link, or without one. */
  readonly begins?: { readonly code: string | null };
  readonly files: readonly RemoteFile[];
  /** Other updates may be parts of the same message, such as the photos of an album. */
  readonly isPart?: boolean;
  /** The message that the person has replied to or whose button was pressed. */
  readonly about: { readonly platformMessageId: string; readonly answer: GivenAnswer } | null;
};

/** The content of an update. */
export type ReadUpdate =
  | ReadMessage
  /** The platform does not say which person has written it, so nobody can be asked for their rights. */
  | {
      readonly type: "without-person";
      /** For the log. */
      readonly why: string;
      /** What the chat reads, if it named the bot; null for a message to others. */
      readonly answer: string | null;
      readonly threadId: string | null;
    }
  /** The bot was blocked or removed. */
  | { readonly type: "lost"; readonly why: string }
  | { readonly type: "none" };

/** A part of a message to a chat: one call. */
export type Part = {
  /** In the platform's own form, as JSON. */
  readonly content: string;
  /** The card whose buttons it has. */
  readonly card: Card | null;
};

/** A shown part with a card, as the outbox kept it. */
export type ShownCard = { readonly content: string; readonly platformMessageId: string };

/** A bot's connection to its platform. */
export type Connection = {
  /** Waits for updates. Those of the call before are confirmed if they are stored; else they come again. */
  readonly poll: (
    areStored: boolean,
    signal: AbortSignal,
  ) => Promise<Result<readonly KeptUpdate[], CallError>>;
  /** This host receives again, after another one: what it had in hand was for the other to receive. */
  readonly begin?: () => void;
  /**
   * When the platform was last heard and all until then is stored (ISO 8601, UTC), if an answer of `poll` does not say that, as
   * with a socket; null if it never was. `trouble`: what is not received meanwhile, and why. Left out, each answer of `poll` is a
   * sign of life.
   */
  readonly state?: () => { readonly heardAt: string | null; readonly trouble: string | null };
  readonly read: (content: string) => ReadUpdate;
  /**
   * The files with their bytes, and a note for each that the platform does not hand over. If it refuses one and does not say that
   * it is gone, that is an error, unless `isLast`.
   */
  readonly openFiles: (
    files: readonly RemoteFile[],
    isLast: boolean,
  ) => Promise<
    Result<{ readonly attachments: readonly Attachment[]; readonly notes: readonly string[] }, CallError>
  >;
  /** True for the platform id of a possible chat. */
  readonly isChat: (platformId: string) => boolean;
  /** The platform id of the direct chat with a person; null if there can be none, or the platform cannot be asked now. */
  readonly directChatOf: (userId: string) => Promise<string | null>;
  readonly partsOf: (message: ToChat) => readonly Part[];
  /** Asks for the words of an option. */
  readonly askForWords: (label: string, threadId: string | null) => Part;
  /** The change of a shown card: its outcome, no buttons. */
  readonly closeCard: (shown: ShownCard, outcome: string) => Part;
  readonly send: (
    chat: string,
    content: string,
    attachments: readonly Attachment[],
    signal: AbortSignal,
  ) => Promise<Result<string | null, CallError>>;
  /**
   * Time after the first `send` of a content in which the platform takes the same content as the same message, ms. Within it an
   * unknown outcome is found out by sending again. Left out if the platform never does.
   */
  readonly repeatableMs?: (content: string) => number;
  /** Tells the platform that a press was handled, if no answer to it was sent. */
  readonly settle?: (messageId: string) => Promise<void>;
  /** Shows for some seconds that the agent is writing. */
  readonly writing?: (chat: string, threadId: string | null) => void;
};

/** A secret of a bot, as a person is asked for it. */
export type BotSecret = {
  /** Its key among the `more` secrets of a bot. That of the first one is `token`, which is none of them. */
  readonly name: string;
  /** What it is: `the bot's token`. */
  readonly what: string;
  /** Where a person gets it: sentences. */
  readonly whereFrom: string;
  readonly form: RegExp;
  /** That form, and where to copy it. */
  readonly formText: string;
  /** Where it is copied again. */
  readonly copyAgain: string;
};

/** The secrets of a bot. */
export type BotSecrets = Pick<MessengerBot, "token" | "more">;

/** How a bot of a platform is added, and looked at. Commands and doctor know a platform only by this. */
export type BotSetUp = {
  /** Where this machine has to reach it. */
  readonly address: string;
  /** What a person is asked for, in this order. */
  readonly secrets: readonly [BotSecret, ...BotSecret[]];
  /** How the secrets are revoked: the end of a sentence. */
  readonly revoke: string;
  /** What a person does if a host does not reach the platform to hear of it: a clause. */
  readonly ifSilent: string;
  /** Asks the platform about the bot. `secret`: which of the secrets it refuses. */
  readonly whoAmI: (
    secrets: BotSecrets,
    options: Pick<ConnectOptions, "root"> & { readonly timeoutMs: number },
  ) => Promise<Result<WhoIAm, CallError & { readonly secret?: BotSecret }>>;
  /** The id of a bot that was added. */
  readonly idOf: (bot: MessengerBot) => string;
  /** What people have to do next: sentences. */
  readonly afterAdding: (me: WhoIAm) => readonly string[];
  /** How one person begins the chat with a bot by a code; left out if the platform has no such links. */
  readonly startLink?: {
    readonly linkOf: (username: string, code: string) => string;
    /** What the person does with it, the end of a sentence: `in Telegram within a day, and presses Start`. */
    readonly how: string;
  };
};

/** A bot on its platform. */
export type WhoIAm = {
  /** The same for each of its tokens. */
  readonly id: string;
  /** Its name there. */
  readonly username: string;
};

/** How the apps of a platform make several messages of what a person sends at once. */
export type SentAtOnce = {
  /** Characters of a text that may have a rest, which follows as a message of its own. */
  readonly splitAbove: number;
  /** Most characters of a text. Below them an app splits at a blank, which is lost. */
  readonly mostText: number;
};

/** A platform. To add one, add a folder and a row in `messengers.ts`. */
export type Messenger = {
  readonly type: string;
  readonly setUp: BotSetUp;
  /** Null if each message is complete. */
  readonly sentAtOnce: SentAtOnce | null;
  /** A bot may begin a direct chat, so a person need not write first. */
  readonly beginsChats: boolean;
  readonly connect: (bot: MessengerBot, options: ConnectOptions) => Connection;
};

export type ConnectOptions = {
  /** The address of the platform; only tests have another one. */
  readonly root?: string;
  /** Most time for a call that receives, ms; only tests have another one than the platform's own. */
  readonly callMs?: number;
  /** Ends all calls except those of `send`, which have their own signal. */
  readonly signal: AbortSignal;
  /** When the platform was last heard before the last stored `poll`, by any host (ISO 8601, UTC); null if it never was. */
  readonly heardAt: () => Promise<string | null>;
  /** The platform ids of the chats that the database knows: of stored updates, of messages to them, and those made by people. */
  readonly chats: () => Promise<readonly string[]>;
  /** Tells the log what has become of the connection: an event and sentences about it. */
  readonly log: (event: `messenger-${string}`, reason: string) => void;
  /** Wait after a failed call, ms; doubled each time. */
  readonly retryMs: number;
  /** Tells the log of something that this build cannot read. */
  readonly report: (error: unknown) => void;
};
