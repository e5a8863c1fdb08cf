export { addUsersCommands, usersExamples } from "./users-cli.ts";
