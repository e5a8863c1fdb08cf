export {
  type ApiAnswer,
  type ApiObject,
  type ApiRequest,
  scriptedApi,
  type ScriptedApi,
  type ScriptedApiOptions,
} from "./scripted-api.ts";
