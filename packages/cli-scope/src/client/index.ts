export { answerText, type AnswerText, type AnswerView, verdictOf, type Verdict } from "./answer-text.ts";
export { completionLines, readLine, type LineParts } from "./completion.ts";
export { completionScript, shells, type Shell } from "@gatehouse/std";
export type { View } from "./render-data.ts";
