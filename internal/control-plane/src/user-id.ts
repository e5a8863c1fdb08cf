// An entry of its own: who only checks a user's id, as the flags of `gatehouse init` do, loads nothing else.
export { userIdProblem } from "./groups/direct-chat.ts";
