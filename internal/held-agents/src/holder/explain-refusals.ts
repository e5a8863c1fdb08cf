import type { Failure } from "@gatehouse/cli-kit";
import type { AnswerError } from "./chosen-option.ts";
import type { SendError } from "./send-prompt.ts";

/** Why a prompt was not sent, for a person. */
export const explainSend = (error: SendError): Failure => {
  const { code } = error;
  switch (code) {
    case "empty":
      return { code, message: "The prompt is empty." };
    case "too-long":
      return {
        code,
        message: "The prompt is longer than 100,000 characters.",
        fix: "Put it into a file, and name that.",
      };
    case "control-characters":
      return { code, message: "The prompt holds control characters, which a terminal would take for keys." };
    case "no-composer":
      return { code, message: "No rule knows where this CLI takes a prompt.", fix: "Attach, and type it." };
    case "no-paste":
      return {
        code,
        message: "The CLI takes no pastes now, and each line of the prompt would be sent alone.",
      };
    case "busy":
      return { code, message: "Another prompt is being sent." };
    case "not-ready":
      return {
        code,
        message:
          error.state === "ready"
            ? "The agent's screen shows no composer now; nothing was sent."
            : `The agent is ${error.state}, not ready.`,
        fix: "Wait until it is ready.",
      };
    case "question":
      return {
        code,
        message: `The agent asks something (${error.dialog}); nothing was sent.`,
        fix: "Answer it first: gatehouse answer, or attach.",
      };
    case "draft":
      return {
        code,
        message: "Something else stood in the composer: the prompt was pasted beside it, and not sent.",
        fix: "Attach, and clear the composer or send it.",
      };
    case "cancelled":
      return { code, message: "The prompt was not sent: its sender has left." };
    case "not-seen":
      return {
        code,
        message: "The prompt was pasted, and the composer does not show it.",
        fix: "Look: gatehouse screen, or attach.",
      };
    case "not-taken":
      return {
        code,
        message: "The prompt stands in the composer, and Enter did not send it.",
        fix: "Look: gatehouse screen, or attach.",
      };
    case "ended":
      return { code, message: "The agent has ended." };
  }
};

/** Why a question was not answered, for a person. */
export const explainAnswer = (error: AnswerError): Failure => {
  const { code } = error;
  switch (code) {
    case "nothing-asked":
      return { code, message: "The agent asks nothing now." };
    case "no-such-option":
      return {
        code,
        message: "No option, or more than one, has this text.",
        fix: `Its options: ${error.options.join(" | ")}`,
      };
    case "attach-needed":
      return {
        code,
        message: "This question is not answered by choosing one option.",
        fix: "Answer it yourself: gatehouse attach.",
      };
    case "busy":
      return { code, message: "Another answer is being given." };
    case "cancelled":
      return { code, message: "Nothing was answered: whoever answered has left." };
    case "question-changed":
      return { code, message: "The question has changed; nothing was answered." };
    case "not-taken":
      return {
        code,
        message: "The question still stands: the option was not taken in time.",
        fix: "Look: gatehouse screen, or attach.",
      };
    case "ended":
      return { code, message: "The agent has ended." };
  }
};
