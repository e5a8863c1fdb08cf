export { chatClient } from "./chat-client.ts";
export { chatHistory } from "./chat-history.ts";
export { chatLink } from "./chat-link.ts";
export { isAnswerToCard } from "./questions.ts";
export { sentFile } from "./local-file.ts";
export { readChat, sendToChat, type ReadChat } from "./read-chat.ts";
export { chatSocketIn, type PastMessage, type ShownMessage } from "../local/frames.ts";
