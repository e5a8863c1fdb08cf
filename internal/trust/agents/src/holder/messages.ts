import type { HeldNotice } from "@gatehouse/held-client/records";
import type { Failure } from "@gatehouse/cli-kit";
import type { SendError } from "./send-prompt.ts";
import type { AnswerError } from "./watch/chosen-option.ts";

/**
 * For a CLI without a rule pack: Gatehouse cannot read its screen, and the CLI reports its state in no other
 * way.
 */
export const readinessUnproven = (provider: string): HeldNotice => ({
  code: "readiness-unproven",
  message: `No rule reads the screen of ${provider}, so Gatehouse cannot tell when it is ready, or whether it asks something.`,
  fix: "Look: gatehouse screen. Then type to it: gatehouse attach.",
});

/** For an agent that did not take its first prompt. `why` is the reason. */
export const promptNotSent = (why: string): HeldNotice => ({
  code: "prompt-not-sent",
  message: `Its first prompt was not sent: ${why}`,
  fix: "Look: gatehouse screen. Then: gatehouse send.",
});

type Explanation = Omit<Failure, "code">;
const look = "Look: gatehouse screen, or attach.";
const ended: Explanation = { message: "The agent has ended." };

const sendTexts: Record<Exclude<SendError["code"], "not-ready" | "question">, Explanation> = {
  empty: { message: "The prompt is empty." },
  "too-long": {
    message: "The prompt is longer than 100,000 characters.",
    fix: "Put it into a file, and name that.",
  },
  "control-characters": {
    message: "The prompt has control characters, which a terminal would take for keys.",
  },
  "is-command": {
    message: "The agent's CLI would run this prompt as a command of its own; nothing was typed.",
    fix: "If you mean the command: gatehouse send --command. If not, begin with another word.",
  },
  "is-shell-command": {
    message: "The agent's CLI would run a prompt that begins with ! in a shell; nothing was typed.",
    fix: "If you mean the command, attach and type it. If not, begin with another word.",
  },
  "command-refused": {
    message: "The agent's CLI did not run this command, and left it in the composer.",
    fix: "Read what it says: gatehouse screen. Then attach, and clear the composer.",
  },
  "no-composer": {
    message: "No rule knows where this CLI takes a prompt.",
    fix: "Attach, and type it.",
  },
  "no-paste": {
    message:
      "The CLI takes no paste now; typed, a Tab, a line end, or a first character such as / or ? would act as a key.",
    fix: "Attach, and type it.",
  },
  busy: { message: "Another prompt is being sent." },
  draft: {
    message: "The composer already had text: the prompt was pasted beside it, and not sent.",
    fix: "Attach, and clear the composer or send it.",
  },
  cancelled: { message: "The prompt was not sent: its sender has left." },
  "not-seen": { message: "The prompt was pasted, and the composer does not show it.", fix: look },
  "not-taken": { message: "The prompt is in the composer, and Enter did not send it.", fix: look },
  ended,
};

/** Why a prompt was not sent, for a person. */
export const sendFailure = (error: SendError): Failure => {
  const { code } = error;
  if (error.code === "question")
    return {
      code,
      message: `The agent asks something (${error.dialog}); nothing was sent.`,
      fix: "Answer it first: gatehouse answer, or attach.",
    };
  if (error.code === "not-ready") {
    const message =
      error.state === "ready"
        ? "The agent's screen shows no composer now; nothing was sent."
        : `The agent is ${error.state}, not ready.`;
    return { code, message, fix: "Wait until it is ready." };
  }
  return { code, ...sendTexts[error.code] };
};

const answerTexts: Record<
  Exclude<AnswerError["code"], "no-such-option" | "question-changed">,
  Explanation
> = {
  "nothing-asked": { message: "The agent asks nothing now." },
  "attach-needed": {
    message: "You cannot answer this question by choosing one option.",
    fix: "Answer it yourself: gatehouse attach.",
  },
  busy: { message: "Another person is answering this question now." },
  cancelled: { message: "Nothing was answered: the sender of the answer has left." },
  "not-taken": { message: "The question is still shown: the option was not taken in time.", fix: look },
  ended,
};

/** Why a question was not answered, for a person. */
export const answerFailure = (error: AnswerError): Failure => {
  const { code } = error;
  if (error.code === "no-such-option")
    return {
      code,
      message: "Your answer matches no option, or more than one.",
      fix: `Its options: ${error.options.join(" | ")}`,
    };
  if (error.code === "question-changed") {
    const message = "The question is not the one that you name; nothing was answered.";
    const { now } = error;
    if (now === undefined) return { code, message, fix: "Read what it asks now: gatehouse ps --waiting." };
    const text = now.text
      .split("\n")
      .map((row) => row.trim())
      .filter((row) => row !== "")
      .join(" | ");
    return { code, message, fix: `Read what it asks now; its code is ${now.id}: ${text}` };
  }
  return { code, ...answerTexts[error.code] };
};
