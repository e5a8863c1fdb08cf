export { isSignInToken } from "../rules/vendors.ts";
export { keyProblem } from "./key-problem.ts";
export { keyByCommand } from "./run-command.ts";
export {
  readSecrets,
  removeSecret,
  type Secret,
  type SecretsError,
  secretFor,
  secretsFileIn,
  setSecret,
} from "./secrets-file.ts";
