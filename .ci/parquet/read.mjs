// Prints a Parquet file as JSON: in the first line the schema and the number of rows that the
// footer states, then one row a line. Integers of 64 bits are strings, as JSON has none.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'

const print = value => console.log(JSON.stringify(value, (_, v) => typeof v === 'bigint' ? String(v) : v))

const file = await asyncBufferFromFile(process.argv[2])
const metadata = await parquetMetadataAsync(file)
print({
  columns: metadata.schema.slice(1).map(c => ({
    name: c.name, type: c.type, repetition: c.repetition_type, text: c.converted_type === 'UTF8' || c.logical_type?.type === 'STRING',
  })),
  rows: metadata.num_rows,
  groups: metadata.row_groups.length,
  creator: metadata.created_by,
})
for (const row of await parquetReadObjects({ file, metadata })) print(row)
