import {
  createReplyLimit,
  createScreen,
  decide,
  emptyMemory,
  encodeKey,
  feedScreen,
  observe,
  pressed,
  remember,
  type Clock,
  type Consents,
  type Decision,
  type Memory,
  type Observation,
  type RulePack,
  type Screen,
  type StartedFolder,
  type Stop,
  type Terminal,
} from "@trust/dialog-engine";
import type { Result } from "@gatehouse/std";
import { questionOf, type AgentView } from "./agent-view.ts";
import {
  chooseOption,
  chosenAnswer,
  chosenKind,
  withChosen,
  type AnswerError,
  type ChosenOption,
} from "./chosen-option.ts";

export type AgentWatchOptions = {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Null for a program whose screens no rule knows: it stays "starting". */
  readonly pack: RulePack | null;
  /** Answers that the caller gave beforehand; without trust. */
  readonly consents: Consents;
  readonly folder: StartedFolder;
  readonly columns: number;
  readonly rows: number;
  readonly redact: (text: string) => string;
  readonly onChange: (view: AgentView) => void;
};

/** Times in milliseconds. */
const pace = {
  /** Minimum time between two looks at a changing screen. */
  lookMs: 25,
  /** A screen without its question, or without its composer, may be part of the next frame. */
  goneMs: 300,
  /** An agent at work is ready again once its screen has been unchanged for this time. */
  quietMs: 700,
  stillMs: 15,
  answerMs: 20_000,
};

/** Drawn by an agent at work, composer or not. */
const atWork = /\besc(?:ape)? to (?:interrupt|cancel|stop)\b/iu;

type OpenAnswer = {
  readonly chosen: ChosenOption;
  readonly done: (result: Result<null, AnswerError>) => void;
  hasEntered: boolean;
};

/**
 * Watches a running agent for as long as it runs. It says what the agent is at, answers the terminal queries, and
 * presses keys only as the engine decides: for a consent, or for the option that a person has chosen.
 */
export class AgentWatch {
  readonly screen: Screen;
  readonly #options: AgentWatchOptions;
  readonly #feed;
  readonly #stops: Stop[];
  readonly #lookers = new Set<() => void>();
  #memory: Memory;
  #seen: Observation<string> = { type: "nothing" };
  #view: AgentView = { state: "starting" };
  #answer: OpenAnswer | null = null;
  #wasReady = false;
  #isDirty = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #outputAt: number;
  #changedAt: number;
  #text = "";
  #nextLook = Number.POSITIVE_INFINITY;
  #stopTimer: Stop = () => {};

  constructor(options: AgentWatchOptions) {
    const { terminal, clock, columns, rows } = options;
    this.#options = options;
    this.screen = createScreen(columns, rows);
    this.#feed = feedScreen(terminal, this.screen);
    const now = clock.now();
    [this.#outputAt, this.#changedAt, this.#memory] = [now, now, emptyMemory(now)];
    const mayReply = createReplyLimit(clock);
    this.#stops = [
      this.screen.onDrain(() => this.#drained()),
      this.screen.onReply((data) => mayReply() && terminal.write(data)),
      terminal.onData((data) => {
        this.#outputAt = clock.now();
        this.#feed.write(data);
      }),
      this.#feed.stop,
    ];
  }

  view(): AgentView {
    return this.#view;
  }

  rows(): readonly string[] {
    return this.screen.view().rows;
  }

  /** The screen as the pack reads it, at the last look. */
  seen(): Observation<string> {
    return this.#seen;
  }

  /** Milliseconds since the text of the screen has changed. */
  stillFor(): number {
    return this.#options.clock.now() - this.#changedAt;
  }

  /** Called after each look at the screen. */
  onLook(listener: () => void): Stop {
    this.#lookers.add(listener);
    return () => this.#lookers.delete(listener);
  }

  /** All output is on the screen: what was read before may be told. */
  isDrawn(): boolean {
    return !this.#feed.isBehind();
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.#options.terminal.resize(columns, rows);
    this.#drained();
  }

  /**
   * Confirms an option of the question on the screen: moves, checks the move, and presses Enter only on the row
   * with this text. Resolves when the question has gone, or with the reason why nothing was answered.
   */
  answer(option: string): Promise<Result<null, AnswerError>> {
    if (this.#answer !== null) return Promise.resolve({ ok: false, error: { code: "busy" } });
    const chosen = chooseOption(this.#seen, option);
    if (!chosen.ok) return Promise.resolve(chosen);
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const stopTimer = clock.after(pace.answerMs, () => this.#endAnswer({ code: "not-taken" }));
      const done = (result: Result<null, AnswerError>): void => {
        stopTimer();
        resolve(result);
      };
      // The keys of earlier questions do not count for this one.
      this.#memory = { ...emptyMemory(clock.now()), answered: this.#memory.answered };
      this.#answer = { chosen: chosen.value, done, hasEntered: false };
      this.#isDirty = true;
      this.#look();
    });
  }

  /** Stops watching. The screen stays as it was drawn until `dispose` of it. */
  stop(): void {
    this.#endAnswer({ code: "ended" });
    this.#stopTimer();
    for (const stop of this.#stops) stop();
  }

  #drained(): void {
    this.#isDirty = true;
    const next = this.#lookedAt + pace.lookMs;
    const now = this.#options.clock.now();
    if (now >= next) this.#look();
    else this.#lookAgainAt(next);
  }

  #look(): void {
    // The drain looks again.
    if (this.#feed.isBehind()) return;
    this.#stopTimer();
    this.#nextLook = Number.POSITIVE_INFINITY;
    const now = this.#options.clock.now();
    this.#lookedAt = now;
    if (this.#isDirty) this.#read(now);
    const { pack } = this.#options;
    if (pack !== null) this.#act(this.#decide(pack, now), now);
    for (const looker of [...this.#lookers]) looker();
  }

  #read(now: number): void {
    this.#isDirty = false;
    const { rows, columns } = this.screen.view();
    const text = rows.join("\n");
    if (text !== this.#text) [this.#text, this.#changedAt] = [text, now];
    const { pack, folder } = this.#options;
    const answered = (labels: string): boolean => this.#memory.answered.has(labels);
    if (pack !== null) this.#seen = observe(rows, pack, columns, { folder, answered });
    this.#memory = remember(this.#memory, withChosen(this.#seen, this.#answer?.chosen ?? null), now);
  }

  #decide(pack: RulePack, now: number): Decision<string> {
    const { consents } = this.#options;
    return decide<string>(
      withChosen(this.#seen, this.#answer?.chosen ?? null),
      { ...this.#memory, outputAt: this.#outputAt },
      {
        pack: pack as RulePack<string>,
        consents: { ...consents, [chosenKind]: chosenAnswer },
        isFolderSaid: true,
        now,
      },
    );
  }

  #act(decision: Decision<string>, now: number): void {
    this.#followAnswer(now);
    switch (decision.type) {
      case "press": {
        const { terminal } = this.#options;
        if (decision.key === "enter" && this.#answer !== null) this.#answer.hasEntered = true;
        this.#memory = pressed(this.#memory, decision.key, decision, now);
        terminal.write(encodeKey(decision.key, this.screen.view().applicationCursorKeys));
        return this.#lookAgainAt(now + pace.stillMs);
      }
      case "ready":
        return this.#composerStands(now);
      case "blocked":
        return this.#become({
          state: "waiting",
          question: questionOf(decision, this.#seen, this.rows(), this.#options.redact),
        });
      case "answered":
        return;
      case "wait":
        if (decision.again !== null) this.#lookAgainAt(decision.again);
        return this.#nothingStands(now);
    }
  }

  /** A composer may stand while the agent works. */
  #composerStands(now: number): void {
    this.#wasReady = true;
    const quietAt = this.#changedAt + pace.quietMs;
    if (atWork.test(this.#text)) return this.#become({ state: "working" });
    if (this.#view.state === "working" && now < quietAt) return this.#lookAgainAt(quietAt);
    this.#become({ state: "ready" });
  }

  /** Neither a question nor a composer, or one that was drawn just now. */
  #nothingStands(now: number): void {
    if (this.#seen.type !== "nothing" && this.#seen.type !== "passing") return;
    const { state } = this.#view;
    const next = this.#wasReady || atWork.test(this.#text) ? "working" : "starting";
    if (state === next) return;
    const goneAt = this.#memory.screenSince + pace.goneMs;
    if (now < goneAt) return this.#lookAgainAt(goneAt);
    this.#become({ state: next });
  }

  /** Ends an answer whose question is no longer on the screen. */
  #followAnswer(now: number): void {
    if (this.#answer === null) return;
    const { chosen, hasEntered } = this.#answer;
    const isThere = "dialog" in this.#seen && this.#seen.dialog.question === chosen.question;
    if (isThere) return;
    const goneAt = this.#memory.screenSince + pace.goneMs;
    if (now < goneAt) this.#lookAgainAt(goneAt);
    else this.#endAnswer(hasEntered ? null : { code: "question-changed" });
  }

  #endAnswer(error: AnswerError | null): void {
    const answer = this.#answer;
    this.#answer = null;
    answer?.done(error === null ? { ok: true, value: null } : { ok: false, error });
  }

  #become(view: AgentView): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#options.onChange(view);
  }

  #lookAgainAt(time: number): void {
    if (time >= this.#nextLook) return;
    this.#nextLook = time;
    const { clock } = this.#options;
    this.#stopTimer();
    this.#stopTimer = clock.after(Math.max(0, time - clock.now()), () => this.#look());
  }
}
