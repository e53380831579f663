package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.postgres.MadeArchive.Entry;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveCopyTest {

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 14, 15, 16})
    void theCopyOfAnArchiveThatCameThroughAPipeSaysWhereEachTableBegins(int minor) throws IOException {
        MadeArchive made = MadeArchive.random(new Random(1), minor, 5, false);

        byte[] copy = copy(made.piped());

        assertThat(MadeArchive.read(copy, minor)).isEqualTo(made.entries());
        assertThat(made.contents(copy)).isEqualTo(made.contents(made.piped()));
    }

    /** Rows of every length around that of a block, tables without a row, large objects. */
    @Property(tries = 300)
    void whateverTheDataItIsTheSame(@ForAll long seed, @ForAll @IntRange(min = 14, max = 16) int minor)
            throws IOException {
        Random random = new Random(seed);
        MadeArchive made = MadeArchive.random(random, minor, 1 + random.nextInt(6), random.nextBoolean());

        byte[] copy = copy(made.piped());

        assertThat(MadeArchive.read(copy, minor)).isEqualTo(made.entries());
        assertThat(copy.length).isLessThanOrEqualTo(made.piped().length);
    }

    @Test
    void rowsArePutTogetherToBlocksThatPgRestoreReadsAtOnce() throws IOException {
        MadeArchive made = MadeArchive.of(15, false, new Entry(7, List.of(rows(10_000, 100))));

        byte[] copy = copy(made.piped());

        assertThat(made.blocks(copy)).isEqualTo(16);
        assertThat(made.blocks(made.piped())).isEqualTo(10_000);
    }

    @Test
    void whatPgDumpCompressedIsLeftAsItIsButForThePlaces() throws IOException {
        MadeArchive made = MadeArchive.of(15, true, new Entry(7, List.of(rows(100, 4096))));

        byte[] copy = copy(made.piped());

        assertThat(made.blocks(copy)).isEqualTo(100);
        assertThat(MadeArchive.read(copy, 15)).isEqualTo(made.entries());
        assertThat(copy).hasSize(made.piped().length);
    }

    @Test
    void placesThatWereKnownAreThoseOfTheCopyAfterwards() throws IOException {
        MadeArchive made = MadeArchive.random(new Random(2), 15, 4, false);

        byte[] again = copy(copy(made.piped()));

        assertThat(MadeArchive.read(again, 15)).isEqualTo(made.entries());
    }

    @Test
    void anEntryWhoseDataIsMissingStaysWithoutPlace() throws IOException {
        MadeArchive made = MadeArchive.random(new Random(3), 15, 3, false);
        byte[] cut =
                Arrays.copyOf(made.piped(), made.beginOf(made.entries().get(2).id()));

        byte[] copy = copy(cut);

        assertThat(MadeArchive.places(copy, 15).get(made.entries().get(2).id())).isNull();
        assertThat(MadeArchive.places(copy, 15).get(made.entries().get(1).id())).isNotNull();
    }

    @Test
    void anArchiveThatEndsWithinATableIsRefused() throws IOException {
        MadeArchive made = MadeArchive.random(new Random(4), 15, 2, false);
        int begin = made.beginOf(made.entries().get(1).id());

        for (int length = begin + 1; length < made.piped().length; length += 997) {
            byte[] cut = Arrays.copyOf(made.piped(), length);
            assertThatThrownBy(() -> copy(cut)).isInstanceOf(EOFException.class);
        }
        byte[] lastByteGone = Arrays.copyOf(made.piped(), made.piped().length - 1);
        assertThatThrownBy(() -> copy(lastByteGone)).isInstanceOf(EOFException.class);
    }

    @Test
    void aBlockOfNegativeLengthIsRefused() throws IOException {
        MadeArchive made = MadeArchive.random(new Random(5), 15, 1, false);
        byte[] altered = made.piped().clone();
        altered[made.beginOf(made.entries().get(0).id()) + 6] = 1;

        assertThatThrownBy(() -> copy(altered)).isInstanceOf(StreamCorruptedException.class);
    }

    @Test
    void aStateThatNoEntryHasIsRefused() throws IOException {
        MadeArchive made = MadeArchive.random(new Random(6), 15, 1, false);
        byte[] altered = made.piped().clone();
        altered[made.markOf(made.entries().get(0).id())] = 9;

        assertThatThrownBy(() -> copy(altered))
                .isInstanceOf(StreamCorruptedException.class)
                .hasMessage("its table of contents says 9 of entry "
                        + made.entries().get(0).id());
    }

    @Test
    void anArchiveOfAnUnknownVersionIsCopiedAsItIs() throws IOException {
        byte[] later = MadeArchive.random(new Random(7), 16, 3, false).piped();
        later[6] = 17;
        byte[] earlier = later.clone();
        earlier[6] = 11;
        byte[] onlyItsHead = MadeArchive.random(new Random(7), 16, 3, false).piped();
        onlyItsHead = Arrays.copyOf(onlyItsHead, 9);

        assertThat(copy(later)).isEqualTo(later);
        assertThat(copy(earlier)).isEqualTo(earlier);
        assertThat(copy(onlyItsHead)).isEqualTo(onlyItsHead);
    }

    @Test
    void whatStandsBehindTheLastTableIsKept() throws IOException {
        MadeArchive made = MadeArchive.random(new Random(8), 15, 2, false);
        byte[] longer = Arrays.copyOf(made.piped(), made.piped().length + 3_000_000);

        byte[] copy = copy(longer);

        assertThat(copy).hasSizeGreaterThan(3_000_000);
        assertThat(MadeArchive.read(copy, 15)).isEqualTo(made.entries());
    }

    @Test
    void whatIsNoLongerWantedEndsInTheMiddle() throws IOException {
        MadeArchive made = MadeArchive.of(15, false, new Entry(7, List.of(rows(3_000, 1_000))));
        Path file = Files.createTempFile("lifeboat", ".archive");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ArchiveCopy copy = new ArchiveCopy(new ByteArrayInputStream(made.piped()), out, bytes -> {
                if (bytes > 1 << 20) {
                    throw new IllegalStateException("enough");
                }
            });

            assertThatThrownBy(copy::run).hasMessage("enough");
        } finally {
            Files.delete(file);
        }
    }

    private static List<byte[]> rows(int count, int length) {
        byte[] row = new byte[length];
        Arrays.fill(row, (byte) 'x');
        return java.util.Collections.nCopies(count, row);
    }

    private static byte[] copy(byte[] archive) throws IOException {
        Path file = Files.createTempFile("lifeboat", ".archive");
        try {
            try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
                long read = new ArchiveCopy(new ByteArrayInputStream(archive), out, bytes -> {}).run();
                assertThat(read).isEqualTo(archive.length);
            }
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }
}
