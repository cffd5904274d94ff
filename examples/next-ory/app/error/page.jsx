export default async function Failed({ searchParams }) {
  return <h1>Error {(await searchParams).id}</h1>;
}
