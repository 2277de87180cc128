// A reporter that lists the files of the tests that failed, one a line.

export default async function* failed(events) {
  for await (const { type, data } of events) if (type === "test:fail") yield `${data.file}\n`;
}
