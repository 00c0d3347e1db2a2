/** What an agent of the kill test is told. */
export type AgentTask = {
  readonly what: 'write' | 'finish';
  readonly hostId: string;
  readonly stateDir: string;
  readonly connection: {
    readonly url: string;
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
  };
  /** File of the server’s receipt key. */
  readonly receiptKeys: string;
};
