// A separate entry, so that a caller that only checks a user's id, such as the flags of `gatehouse init`,
// loads nothing else.
export { userIdProblem } from "./groups/direct-chat.ts";
