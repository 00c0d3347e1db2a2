import { againOnPostgresql } from '../support/server-stores.ts';

await againOnPostgresql('evidence');
