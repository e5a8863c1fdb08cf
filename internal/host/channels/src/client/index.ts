export { chatClient } from "./chat-client.ts";
export { chatLink } from "./chat-link.ts";
export type { ShownMessage } from "../local/frames.ts";
export { chatSocketIn } from "../local/chat-socket-path.ts";
