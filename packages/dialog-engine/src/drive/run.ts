import { createBlankWatch, type BlankWatch } from "./blank-watch.ts";
import { createBudget, limitsOf, type Budget } from "./budget.ts";
import { decide, endingOf, type Decision } from "./decide.ts";
import { emptyMemory, pressed, remember, withAnswer } from "./memory.ts";
import { pace } from "./pace.ts";
import { endingOfExit } from "./ending-of-exit.ts";
import { createQuestions, type Questions } from "./questions.ts";
import { isPartOfFrame } from "./part-of-frame.ts";
import type { DriveEnding, DriveEvent, DriveOptions, DriveResult } from "./drive-types.ts";
import { feedScreen, type Feed } from "../screen/feed-screen.ts";
import { encodeKey } from "./keys.ts";
import { observe, type Observation } from "../rules/observe.ts";
import type { Stop, TerminalExit } from "../ports.ts";
import { createReplyLimit } from "../screen/reply-limit.ts";
import { withoutBlankEnd } from "../screen/rows.ts";
import { createScreen, type Screen } from "../screen/screen.ts";
import { createWakeUp, type WakeUp } from "./wake-up.ts";

/** One run of the closed loop: its screen, its memory, and the time of its next step. */
export class Run<Kind extends string> {
  readonly #options: DriveOptions<Kind>;
  readonly #resolve: (result: DriveResult<Kind>) => void;
  readonly #budget: Budget;
  readonly #screen: Screen;
  readonly #feed: Feed;
  readonly #mayReply: () => boolean;
  readonly #wakeUp: WakeUp;
  readonly #questions: Questions<Kind>;
  readonly #startedAt: number;
  readonly #stops: Stop[] = [];
  readonly #dialogs: string[] = [];
  readonly #blankWatch: BlankWatch;
  #seen: Observation<Kind> = { type: "nothing" };
  #memory;
  #outputAt: number;
  #isDirty = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #turn: "none" | "asked" | "taken" = "none";
  #isCommitted = false;
  #exit: TerminalExit | null = null;
  #isEnded = false;

  constructor(options: DriveOptions<Kind>, resolve: (result: DriveResult<Kind>) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#screen = createScreen(options.columns, options.rows);
    this.#feed = feedScreen(options.terminal, this.#screen);
    this.#mayReply = createReplyLimit(options.clock);
    this.#wakeUp = createWakeUp(options.clock, () => this.#look());
    this.#questions = createQuestions(options.onQuestion, (screenId, answer) => {
      if (answer !== null) this.#memory = withAnswer(this.#memory, screenId, answer);
      this.#atEnd(options.clock.after(0, () => this.#look()));
    });
    this.#startedAt = options.clock.now();
    this.#budget = createBudget(limitsOf(options), this.#startedAt);
    this.#memory = emptyMemory(this.#startedAt);
    this.#outputAt = this.#startedAt;
    this.#blankWatch = createBlankWatch(options, this.#budget);
  }

  start(): void {
    for (const stop of [this.#blankWatch.stop, this.#feed.stop, this.#questions.takeBack]) this.#atEnd(stop);
    const { terminal, signal, watchProof } = this.#options;
    const cancel = (): void => this.#end({ outcome: "cancelled" });
    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel);
    this.#atEnd(() => signal?.removeEventListener("abort", cancel));
    this.#atEnd(this.#screen.onDrain(() => this.#drained()));
    this.#atEnd(this.#screen.onReply((data) => this.#reply(data)));
    this.#atEnd(terminal.onData((data) => this.#output(data)));
    this.#atEnd(terminal.onExit((exit) => this.#exited(exit)));
    if (watchProof) this.#atEnd(watchProof(() => this.#end({ outcome: "proven" })));
    this.#look();
  }

  /** Calls `stop` at the end of the run. A subscription can report at once, so the run may already have ended. */
  #atEnd(stop: Stop): void {
    if (this.#isEnded) stop();
    else this.#stops.push(stop);
  }

  #output(data: string): void {
    if (this.#isEnded) return;
    this.#emit({ type: "output", at: this.#elapsed(), data });
    this.#outputAt = this.#options.clock.now();
    this.#feed.write(data);
    if (this.#feed.isBehind()) this.#waitForDrain(this.#outputAt);
  }

  #reply(data: string): void {
    if (this.#isEnded || !this.#mayReply()) return;
    this.#emit({ type: "reply", at: this.#elapsed(), data });
    if (!this.#isEnded) this.#options.terminal.write(data);
  }

  #drained(): void {
    this.#isDirty = true;
    const next = this.#lookedAt + pace.lookMs;
    if (this.#options.clock.now() >= next) this.#look();
    else this.#lookAgainAt(next);
  }

  #exited(exit: TerminalExit): void {
    this.#exit = exit;
    this.#lookAgainAt(this.#options.clock.now() + pace.lastOutputMs);
  }

  /** One step of the loop. While output is still being drawn it only checks the limits; the drain calls it again. */
  #look(): void {
    if (this.#isEnded) return;
    const now = this.#options.clock.now();
    if (this.#feed.isBehind()) return this.#waitForDrain(now);
    this.#lookedAt = now;
    const isWhole = !this.#isDirty || this.#read(now);
    const { pack, consents, folder, until } = this.#options;
    const endsAnswered = until === "answered";
    if (this.#exit) return this.#end(endingOfExit(this.#exit, this.#seen, this.#memory, endsAnswered));
    if (this.#endExpired(now)) return;
    if (!isWhole) return this.#lookAgainAt(this.#outputAt + pace.stillMs);
    this.#memory = { ...this.#memory, outputAt: this.#outputAt };
    // No limit runs while the caller is asked about the present screen.
    if (this.#questions.isOpen(this.#memory.screenId)) this.#budget.pause(now);
    else if (this.#turn !== "asked") this.#budget.resume(now);
    const given = { pack, consents, isFolderSaid: folder !== undefined, endsAnswered };
    this.#act(decide(this.#seen, this.#memory, { ...given, now }), now);
  }

  #waitForDrain(now: number): void {
    this.#budget.blank(false, now);
    if (!this.#endExpired(now)) this.#lookAgainAt(Number.POSITIVE_INFINITY);
  }

  #endExpired(now: number): boolean {
    const expired = this.#budget.expired(now);
    if (expired) this.#end({ outcome: "timeout", limit: expired });
    return expired !== null;
  }

  /** Reads the screen. False if it counts as part of a frame; the run then ignores it. */
  #read(now: number): boolean {
    const { rows, columns } = this.#screen.view();
    const answered = (labels: string): boolean => this.#memory.answered.has(labels);
    const seen = observe(rows, this.#options.pack, columns, { folder: this.#options.folder, answered });
    const last = { seen: this.#seen, readAt: this.#readAt, outputAt: this.#outputAt };
    if (isPartOfFrame(seen, last, now)) return false;
    this.#isDirty = false;
    this.#readAt = now;
    this.#seen = seen;
    this.#blankWatch.see(rows);
    this.#memory = remember(this.#memory, seen, now);
    this.#reportDialog(seen, now);
    return true;
  }

  /** Reports a known dialog that has appeared or is now completely drawn. Each one begins a new phase. */
  #reportDialog(seen: Observation<Kind>, now: number): void {
    if (seen.type !== "select" && seen.type !== "block") return;
    if (this.#dialogs.at(-1) === seen.rule.id) return;
    this.#budget.nextPhase(now);
    this.#dialogs.push(seen.rule.id);
    this.#emit({ type: "dialog", at: this.#elapsed(), dialog: seen.rule.id });
  }

  #act(decision: Decision<Kind>, now: number): void {
    // Claude Code 2.1.328 waits up to 15 s for a stale lock: it may save confirmed trust after the next screen.
    const awaitsProof = this.#options.until === "proof" && this.#isCommitted;
    if (awaitsProof && (decision.type === "ready" || decision.type === "blocked"))
      return this.#lookAgainAt(Number.POSITIVE_INFINITY);
    switch (decision.type) {
      case "press":
        return this.#press(decision, now);
      case "wait":
        return this.#lookAgainAt(decision.again ?? Number.POSITIVE_INFINITY);
      case "ready":
        return this.#end({ outcome: this.#options.until === "proof" ? "ready-unproven" : "ready" });
      case "answered":
        return this.#end({ outcome: "answered" });
      case "blocked":
        if (this.#questions.put(this.#seen, decision, this.#memory.screenId)) return this.#budget.pause(now);
        return this.#end(endingOf(decision));
    }
  }

  #press(decision: Extract<Decision<Kind>, { type: "press" }>, now: number): void {
    const { key, rule, why } = decision;
    const commits = key === "enter" && rule.commits === true;
    if (commits && this.#options.beforeCommit && this.#turn !== "taken") return this.#askForTurn(now);
    const data = encodeKey(key, this.#screen.view().applicationCursorKeys);
    this.#emit({ type: "key", at: this.#elapsed(), key, data, dialog: rule.id, why });
    if (this.#isEnded) return;
    if (commits) this.#isCommitted = true;
    this.#memory = pressed(this.#memory, key, decision, now);
    this.#options.terminal.write(data);
    this.#lookAgainAt(now + pace.stillMs);
  }

  #askForTurn(now: number): void {
    if (this.#turn === "asked") return this.#lookAgainAt(Number.POSITIVE_INFINITY);
    this.#turn = "asked";
    this.#budget.pause(now);
    this.#emit({ type: "turn", at: this.#elapsed(), state: "asked" });
    if (this.#isEnded) return;
    this.#options.beforeCommit?.().then(
      () => this.#takeTurn(),
      () => this.#end({ outcome: "cancelled" }),
    );
  }

  #takeTurn(): void {
    if (this.#isEnded) return;
    this.#turn = "taken";
    this.#budget.resume(this.#options.clock.now());
    this.#emit({ type: "turn", at: this.#elapsed(), state: "taken" });
    this.#look();
  }

  #lookAgainAt(time: number): void {
    if (!this.#isEnded) this.#wakeUp.set(Math.min(time, this.#budget.deadline()));
  }

  #end(ending: DriveEnding<Kind>): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#wakeUp.stop();
    const result = {
      ...ending,
      screen: withoutBlankEnd(this.#screen.view().rows),
      dialogs: this.#dialogs,
      keys: this.#memory.keys,
      durationMs: this.#elapsed(),
    };
    // Caller callbacks may throw. The error propagates, and the run still ends.
    try {
      for (const stop of this.#stops) stop();
      this.#emit({ type: "end", at: result.durationMs, outcome: ending.outcome });
    } finally {
      this.#screen.dispose();
      this.#resolve(result);
    }
  }

  #elapsed(): number {
    return this.#options.clock.now() - this.#startedAt;
  }

  #emit(event: DriveEvent): void {
    this.#options.onEvent?.(event);
  }
}
