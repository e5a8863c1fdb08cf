export { chatClient } from "./chat-client.ts";
export { chatHistory } from "./chat-history.ts";
export { chatLink } from "./chat-link.ts";
export { chatSocketIn, type ShownMessage } from "../local/frames.ts";
