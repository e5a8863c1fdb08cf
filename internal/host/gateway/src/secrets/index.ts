export { isSignInToken } from "../rules/vendors.ts";
export { keyByCommand, keyProblem } from "./run-command.ts";
export {
  readSecrets,
  removeSecret,
  type Secret,
  type SecretsError,
  secretFor,
  secretsFileIn,
  setSecret,
} from "./secrets-file.ts";
