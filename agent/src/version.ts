declare const __VERSION__: string | undefined;

/** Version of agent and server, put in by the bundler; a file-by-file compile for tests has none. */
export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-dev';
