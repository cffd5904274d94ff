export default function About() {
  return <main>about page</main>;
}
