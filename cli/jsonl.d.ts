/** Files that are bundled as text (`with { type: "text" }`). */
declare module "*.jsonl" {
  const text: string;
  export default text;
}
