// A separate entry, so that a caller that only checks a user's id, such as the flags of `gatehouse init`,
// does not load the rest of the package.
export { userIdProblem } from "./direct-chat.ts";
