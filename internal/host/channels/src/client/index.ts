export { chatLink, type LinkEvents } from "./chat-link.ts";
export { isAnswerToCard, questions, type Questions } from "./questions.ts";
export { sentFile, statFile, type LocalFile } from "./local-file.ts";
export { readChat, sendToChat, type ReadChat } from "./read-chat.ts";
export {
  chatSocketIn,
  longestText,
  orderedEnd,
  type PastMessage,
  type ShownFile,
  type ShownMessage,
} from "../local/frames.ts";
