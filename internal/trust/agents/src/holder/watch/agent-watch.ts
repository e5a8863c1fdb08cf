import {
  createReplyLimit,
  createScreen,
  emptyMemory,
  encodeKey,
  feedScreen,
  pressed,
  remember,
  type Decision,
  type Memory,
  type Observation,
  type RulePack,
  type Screen,
  type Stop,
  type Clock,
  type Consents,
  type StartedFolder,
  type Terminal,
} from "@trust/dialog-engine";
import { fail, type Result } from "@gatehouse/std";
import { identityOf, questionIdOf, questionOf, type AgentView } from "./agent-view.ts";
import {
  chooseOption,
  withChosen,
  type AnswerError,
  createOpenAnswer,
  type OpenAnswer,
} from "./chosen-option.ts";
import { createAnsweredLabels, goneAt, nextState } from "./next-state.ts";
import { decideNext } from "./decide-next.ts";
import { createUpdateTimer } from "./update-timer.ts";
import { createPersonDraft, createTypedPrompt, type TypedPrompt } from "./drafts.ts";

/** Times in milliseconds. `updateMs`: minimum time between two readings of a changing screen. */
const pace = { updateMs: 25, stillMs: 15 };

/**
 * Watches an agent while it runs. It reports the agent's state, answers terminal queries, and presses keys
 * only as the engine decides: for a consent, or for the option that a person has chosen.
 */
export class AgentWatch {
  readonly screen: Screen;
  readonly typed: TypedPrompt = createTypedPrompt();
  readonly #options: AgentWatchOptions;
  readonly #feed;
  readonly #stops: Stop[];
  readonly #listeners = new Set<() => void>();
  #memory: Memory;
  #seen: Observation<string> = { type: "nothing" };
  #view: AgentView = { state: "starting" };
  readonly #answer: OpenAnswer;
  #wasReady = false;
  #isDirty = false;
  #updatedAt = Number.NEGATIVE_INFINITY;
  #outputAt: number;
  #changedAt: number;
  #text = "";
  #rows: readonly string[] = [];
  readonly #answered = createAnsweredLabels();
  readonly #draft = createPersonDraft();
  readonly #timer;
  readonly #startedAt: number;

  constructor(options: AgentWatchOptions) {
    const { terminal, clock, columns, rows } = options;
    this.#options = options;
    this.#answer = createOpenAnswer(clock);
    this.screen = createScreen(columns, rows);
    this.#feed = feedScreen(terminal, this.screen);
    this.#timer = createUpdateTimer(clock, () => this.#update());
    const now = clock.now();
    [this.#startedAt, this.#outputAt, this.#changedAt, this.#memory] = [now, now, now, emptyMemory(now)];
    const mayReply = createReplyLimit(clock);
    this.#stops = [
      this.screen.onDrain(() => this.#drained()),
      this.screen.onReply((data) => mayReply() && terminal.write(data)),
      terminal.onData((data) => {
        [this.#outputAt, this.#isDirty] = [clock.now(), true];
        this.#feed.write(data);
      }),
      this.#feed.stop,
    ];
  }

  readonly view = (): AgentView => this.#view;
  readonly rows = (): readonly string[] => this.screen.view().rows;

  /** The screen as the pack reads it now; null while output is not drawn yet: then no key may be pressed. */
  seen(): Observation<string> | null {
    if (this.#feed.isBehind()) return null;
    if (this.#isDirty) this.#read(this.#options.clock.now());
    return this.#seen;
  }

  /** Milliseconds since the last change of the screen's text. */
  readonly stillFor = (): number => this.#options.clock.now() - this.#changedAt;

  /** Calls the listener after each reading of the screen. Returns a function that unsubscribes it. */
  onUpdate(listener: () => void): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True if all output is drawn on the screen. */
  readonly isDrawn = (): boolean => !this.#feed.isBehind();

  /**
   * Reports keys of a person at an attached terminal; null when they leave. Until they press Enter or leave,
   * a list without a rule is taken for the menu of their draft, such as the commands that begin with `/e`,
   * and not for a question of the agent.
   */
  personTyped(data: string | null): void {
    this.#draft.typed(data, this.#view.state === "waiting");
    if (data === null) this.#drained();
  }

  /** Reports that the agent has taken a prompt: it is working until its screen rests with a composer. */
  tookPrompt(): void {
    this.#changedAt = this.#options.clock.now();
    this.#become({ state: "working" });
    this.#drained();
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.#options.terminal.resize(columns, rows);
    this.#drained();
  }

  /**
   * Confirms an option of the question on the screen: moves the pointer, checks the move, and presses Enter
   * only on the row with this text. Resolves when the question has gone, or with the reason why nothing was
   * answered. `id` names the question that the person has seen: no other is answered.
   */
  answer(option: string, id: string): Promise<Result<null, AnswerError>> {
    const chosen = this.#chosen(option, id);
    if (!chosen.ok) return Promise.resolve(chosen);
    // The limit of keys starts again: keys for earlier questions do not count.
    this.#memory = { ...emptyMemory(this.#options.clock.now()), answered: this.#memory.answered };
    const answered = this.#answer.begin(chosen.value);
    this.#isDirty = true;
    this.#update();
    return answered;
  }

  #chosen(option: string, id: string): ReturnType<typeof chooseOption> {
    if (this.#answer.chosen() !== null) return fail({ code: "busy" });
    const isAsked = identityOf(this.#seen, this.#rows) !== "";
    if (isAsked && id !== questionIdOf(this.#seen, this.#rows)) {
      const { question: now } = this.#view;
      return fail({ code: "question-changed", ...(now === undefined ? {} : { now }) });
    }
    return chooseOption(this.#seen, option, this.#rows, this.#options.redact);
  }

  /** Cancels the answer, since no client waits for it: no further key is pressed for it. */
  readonly cancelAnswer = (): void => this.#answer.end({ code: "cancelled" });

  /** Stops watching. The screen keeps its content until its `dispose` is called. */
  stop(): void {
    this.#answer.end({ code: "ended" });
    this.#timer.clear();
    for (const stop of this.#stops) stop();
  }

  #drained(): void {
    this.#isDirty = true;
    const next = this.#updatedAt + pace.updateMs;
    const now = this.#options.clock.now();
    if (now >= next) this.#update();
    else this.#timer.at(next);
  }

  #update(): void {
    // The next drain reads the screen again.
    if (this.#feed.isBehind()) return;
    this.#timer.clear();
    const now = this.#options.clock.now();
    this.#updatedAt = now;
    if (this.#isDirty) this.#read(now);
    const { pack } = this.#options;
    if (pack !== null) this.#act(this.#decide(pack, now), now);
    for (const listener of [...this.#listeners]) listener();
  }

  #read(now: number): void {
    this.#isDirty = false;
    const { rows, columns } = this.screen.view();
    const text = rows.join("\n");
    this.#rows = rows;
    if (text !== this.#text) [this.#text, this.#changedAt] = [text, now];
    const { pack, folder } = this.#options;
    this.#memory = this.#answered.before(this.#memory, now);
    const answered = (labels: string): boolean => this.#answered.has(this.#memory, labels);
    if (pack !== null) this.#seen = this.typed.observe(rows, pack, columns, { folder, answered });
    this.#answered.after(this.#seen, now);
    this.#memory = remember(this.#memory, withChosen(this.#seen, this.#answer.chosen(), this.#rows), now);
  }

  #decide(pack: RulePack, now: number): Decision<string> {
    const seen = withChosen(this.#seen, this.#answer.chosen(), this.#rows);
    const memory = { ...this.#memory, outputAt: this.#outputAt };
    const { consents } = this.#options;
    const start = { consents, startedAt: this.#startedAt, wasReady: this.#wasReady };
    return decideNext(seen, memory, { pack, now, ...start });
  }

  #act(decision: Decision<string>, now: number): void {
    this.#followAnswer(now);
    switch (decision.type) {
      case "press": {
        const { terminal } = this.#options;
        if (decision.key === "enter") this.#answer.enter();
        this.#memory = pressed(this.#memory, decision.key, decision, now);
        terminal.write(encodeKey(decision.key, this.screen.view().applicationCursorKeys));
        return this.#timer.at(now + pace.stillMs);
      }
      case "ready":
        this.#memory = { ...this.#memory, keys: 0 };
        return this.#asksNothing("composer", now);
      case "blocked":
        if (decision.code === "unknown-dialog" && this.#draft.isOpen()) return;
        return this.#become({
          state: "waiting",
          question: questionOf(decision, this.#seen, this.rows(), this.#options.redact),
        });
      case "wait":
        if (decision.again !== null) this.#timer.at(decision.again);
        if (this.#seen.type === "nothing" || this.#seen.type === "passing") this.#asksNothing("nothing", now);
    }
  }

  /** Handles a screen without a question: ready, at work, or still starting. */
  #asksNothing(seen: "composer" | "nothing", now: number): void {
    this.#wasReady ||= seen === "composer";
    const next = nextState({
      seen,
      now,
      text: this.#text,
      state: this.#view.state,
      wasReady: this.#wasReady,
      changedAt: this.#changedAt,
      goneSince: this.#memory.screenSince,
    });
    if ("again" in next) this.#timer.at(next.again);
    else this.#become({ state: next.state });
  }

  /** Ends an answer whose question is no longer on the screen. */
  #followAnswer(now: number): void {
    const chosen = this.#answer.chosen();
    if (chosen === null || identityOf(this.#seen, this.#rows) === chosen.question) return;
    const end = goneAt(this.#memory.screenSince);
    if (now < end) this.#timer.at(end);
    else this.#answer.gone();
  }

  #become(view: AgentView): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#options.onChange(view);
  }
}

export type AgentWatchOptions = {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Null for a program without a rule pack: it stays "starting". */
  readonly pack: RulePack | null;
  /** Answers that the caller gave beforehand, without trust. */
  readonly consents: Consents;
  readonly folder: StartedFolder;
  readonly columns: number;
  readonly rows: number;
  readonly redact: (text: string) => string;
  readonly onChange: (view: AgentView) => void;
};
