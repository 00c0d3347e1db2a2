import { againOnPostgresql } from '../support/server-stores.ts';

await againOnPostgresql('bad-input');
