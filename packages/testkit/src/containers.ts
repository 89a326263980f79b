/** @throws with the name of the image when it is not here and cannot be pulled either. */
export async function fetchImage(image: string): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const runtime = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  try {
    await runtime.image.pull(name);
  } catch (error) {
    throw new Error(`The image ${image} cannot be had: ${String(error)}`, { cause: error });
  }
}
