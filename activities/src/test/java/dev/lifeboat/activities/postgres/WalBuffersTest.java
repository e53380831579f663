package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalBuffersTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void theNextSegmentTakesOverTheArrayOfOneThatWasReleased() throws IOException {
        WalBuffers buffers = new WalBuffers();
        WalBuffers.Content first = buffers.read(file("first", bytes(1, SIZE)));
        byte[] array = first.bytes();
        first.release();

        WalBuffers.Content second = buffers.read(file("second", bytes(2, SIZE)));

        assertThat(second.bytes()).isSameAs(array).isEqualTo(bytes(2, SIZE));
    }

    @Test
    void whatIsStillInUseIsNobodyElses() throws IOException {
        WalBuffers buffers = new WalBuffers();
        WalBuffers.Content first = buffers.read(file("first", bytes(1, SIZE)));

        WalBuffers.Content second = buffers.read(file("second", bytes(2, SIZE)));

        assertThat(second.bytes()).isNotSameAs(first.bytes());
        assertThat(first.bytes()).isEqualTo(bytes(1, SIZE));
    }

    @Test
    void aShorterFileHasNothingOfALongerOneBehindIt() throws IOException {
        WalBuffers buffers = new WalBuffers();
        buffers.read(file("long", bytes(1, 2 * SIZE))).release();

        assertThat(buffers.read(file("short", bytes(2, SIZE))).bytes()).isEqualTo(bytes(2, SIZE));
    }

    /** Random bytes get longer by compression: they do not fit into the room that WAL needs. */
    @Test
    void whatCannotBeCompressedIsStoredAllTheSame() throws IOException {
        byte[] plain = bytes(3, 3 * SIZE);

        byte[] stored = Zstandard.compress(plain);

        assertThat(stored).hasSizeGreaterThan(plain.length);
        assertThat(Zstandard.decompressing(new java.io.ByteArrayInputStream(stored))
                        .readAllBytes())
                .isEqualTo(plain);
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static byte[] bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
