/** js-yaml 4.3.2 under another name, beside the version that the product uses; it has no types. */
declare module "js-yaml-4" {
  export const load: (text: string) => unknown;
}
