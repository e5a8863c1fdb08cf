import type { RulePack, Terminal } from "@trust/dialog-engine";
import { systemClock } from "@trust/dialog-engine/node";
import type { Failure } from "@gatehouse/cli-kit";
import type { Result } from "@gatehouse/std";
import type { HeldNotice, HeldStatus, HeldEvent } from "@gatehouse/held-client/records";
import type { AgentWatch } from "./watch/agent-watch.ts";
import { type ControlClient, protocolVersion, type HeldRequest } from "./control-socket.ts";
import { answerFailure, sendFailure, promptNotSent } from "./messages.ts";
import { createPainter, type Painter } from "./painter.ts";
import { sendPrompt } from "./send-prompt.ts";
import { createViewers, type Viewers } from "./viewers.ts";

/** The clients of one agent's control socket. */
export type Clients = {
  /**
   * Types the agent's first prompt. Resolves to null if the agent took it, or has ended; "later" if nothing
   * may be typed now; else a notice with the reason.
   */
  readonly typeFirst: (text: string) => Promise<HeldNotice | "later" | null>;
  readonly serve: (request: HeldRequest, connection: ControlClient) => void;
  /** Sends the status to all watching clients. */
  readonly tell: (status: HeldStatus) => void;
  /** Called when the agent has ended. */
  readonly end: (status: HeldStatus) => void;
};

export type ServedAgent = {
  readonly watch: AgentWatch;
  readonly terminal: Terminal;
  readonly pack: RulePack | null;
  readonly redact: (text: string) => string;
  readonly note: (event: HeldEvent) => void;
  readonly stop: () => void;
  readonly status: () => HeldStatus;
};

type Answer = Extract<HeldRequest, { readonly do: "answer" }>;
type Prompt = Omit<Extract<HeldRequest, { readonly do: "send" }>, "do">;

/** The requests that type into an agent. `answer` resolves to the reply. */
type Speech = {
  readonly send: (prompt: Prompt, isCancelled: () => boolean) => Promise<Result<null, Failure>>;
  readonly answer: (asked: Answer, onCancel: (cancel: () => void) => void) => Promise<object>;
};

const speakTo = (
  { watch, terminal, pack, redact, note, status }: ServedAgent,
  painter: Painter,
  hasEnded: () => boolean,
): Speech => {
  const write = (data: string): void => terminal.write(data);
  const isPasteMode = (): boolean => painter.modes()["2004"] === true;
  let isSending = false;
  return {
    send: async ({ text, isCommand, by }, isCancelled) => {
      if (isSending) return { ok: false, error: sendFailure({ code: "busy" }) };
      isSending = true;
      const ways = { write, clock: systemClock, isPasteMode, hasEnded, isCancelled };
      const sent = await sendPrompt(text, { watch, pack, isCommand, ...ways });
      isSending = false;
      if (sent.ok) watch.tookPrompt();
      note({
        event: "send",
        characters: text.length,
        ...(by === null ? {} : { by }),
        ...(sent.ok ? {} : { code: sent.error.code }),
      });
      return sent.ok ? sent : { ok: false, error: sendFailure(sent.error) };
    },
    answer: async ({ option, question, by }, onCancel) => {
      const { dialog } = status().question ?? {};
      const answering = watch.answer(option, question);
      let isDone = false;
      onCancel(() => isDone || watch.cancelAnswer());
      const answered = await answering;
      isDone = true;
      note({
        event: "answer",
        dialog,
        option: redact(option),
        ...(by === null ? {} : { by }),
        ...(answered.ok ? {} : { code: answered.error.code }),
      });
      return answered.ok ? done({}) : refused(answerFailure(answered.error));
    },
  };
};

/**
 * The terminals that show the agent. The watch gets the person's keys too, so that the menu of a draft is not
 * taken for a question.
 */
const viewersOf = (
  { watch, terminal, note }: ServedAgent,
  painter: Painter,
  hasEnded: () => boolean,
): Viewers =>
  createViewers({
    watch,
    frameNow: painter.frame,
    write: (data) => {
      watch.personTyped(data);
      terminal.write(data);
    },
    after: systemClock.after,
    onWriter: (isAttached) => {
      if (!isAttached && !hasEnded()) watch.personTyped(null);
      note({ event: isAttached ? "attached" : "detached" });
    },
  });

export const serveAgent = (agent: ServedAgent): Clients => {
  const { watch } = agent;
  const watchers = new Set<ControlClient>();
  const stoppers = new Set<ControlClient>();
  const painter = createPainter(watch.screen);
  let hasEnded = false;
  const viewers = viewersOf(agent, painter, () => hasEnded);
  const { send, answer } = speakTo(agent, painter, () => hasEnded);
  const reply = (connection: ControlClient, line: object): void => {
    connection.send(line);
    connection.end();
  };

  return {
    typeFirst: async (text) =>
      hasEnded ? null : outcomeOf(await send({ text, isCommand: false, by: null }, () => false)),
    serve: (request, connection) => {
      let isGone = false;
      connection.onClose(() => (isGone = true));
      switch (request.do) {
        case "state":
          return reply(connection, done({ status: agent.status() }));
        case "screen": {
          const rows = watch.rows().map(agent.redact);
          return reply(connection, done({ rows, status: agent.status() }));
        }
        case "watch":
          watchers.add(connection);
          connection.onClose(() => watchers.delete(connection));
          return connection.send(done({ status: agent.status() }));
        case "stop":
          // The reply follows when the agent has ended.
          stoppers.add(connection);
          return agent.stop();
        case "send":
          return void send(request, () => isGone).then((sent) => reply(connection, replyOf(sent)));
        case "answer":
          return void answer(request, connection.onClose).then((line) => reply(connection, line));
        case "attach":
          connection.send(done({ status: agent.status() }));
          return viewers.attach(connection, request);
      }
    },
    tell: (status) => {
      for (const connection of watchers) connection.send({ status });
    },
    end: (status) => {
      hasEnded = true;
      viewers.end({ status });
      for (const connection of stoppers) reply(connection, done({ status }));
      for (const connection of watchers) connection.end();
    },
  };
};

/** The codes of refusals that pass: the agent is busy, or asks something, and is ready again later. */
const notNow: ReadonlySet<string> = new Set(["not-ready", "question", "busy"]);

/** The outcome of a first prompt. If the agent has ended, no notice is needed. */
const outcomeOf = (sent: Result<null, Failure>): HeldNotice | "later" | null => {
  if (sent.ok || sent.error.code === "ended") return null;
  return notNow.has(sent.error.code) ? "later" : promptNotSent(sent.error.message);
};

const replyOf = (sent: Result<null, Failure>): object => (sent.ok ? done({}) : refused(sent.error));

const done = (more: object): object => ({ v: protocolVersion, ok: true, ...more });
const refused = (error: object): object => ({ v: protocolVersion, ok: false, error });
