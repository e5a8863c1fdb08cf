export { chatClient } from "./chat-client.ts";
export { chatLink } from "./chat-link.ts";
export { chatSocketIn, type ShownMessage } from "../local/frames.ts";
