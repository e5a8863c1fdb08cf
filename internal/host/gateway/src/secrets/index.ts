export { isSignInToken } from "../rules/vendors.ts";
export { keyByCommand, keyProblem } from "./run-command.ts";
export { type Secret, type SecretsError, secretFor, vendorKeys } from "./secrets-file.ts";
