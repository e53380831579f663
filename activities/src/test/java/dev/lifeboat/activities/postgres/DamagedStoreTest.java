package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.DamagedStore.Damage;
import dev.lifeboat.activities.postgres.DamagedStore.Kind;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The view of a bucket in which an object is damaged, and what is noted about checks and proofs in the real one. */
class DamagedStoreTest {

    private static final byte[] WHOLE = "0123456789".getBytes(StandardCharsets.US_ASCII);
    private static final Instant AT = Instant.parse("2026-08-22T04:00:00Z");

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void anObjectIsCutOffForTheReaderAndStaysWholeInTheBucket() throws IOException {
        store.put("dump", WHOLE);
        store.put("other", WHOLE);
        DamagedStore seen = new DamagedStore(store, "dump", new Damage(Kind.TRUNCATED, 4));

        assertThat(read(seen, "dump", 3)).isEqualTo("0123");
        assertThat(seen.readAll("dump")).isEqualTo(Arrays.copyOf(WHOLE, 4));
        assertThat(seen.readAll("other")).isEqualTo(WHOLE);
        assertThat(store.readAll("dump")).isEqualTo(WHOLE);
    }

    @Test
    void oneBitOfOneByteIsAnother() throws IOException {
        store.put("dump", WHOLE);

        for (int at = 0; at < WHOLE.length; at++) {
            DamagedStore seen = new DamagedStore(store, "dump", new Damage(Kind.ALTERED, at));
            byte[] expected = WHOLE.clone();
            expected[at] ^= 1;
            for (int buffer = 1; buffer < 12; buffer++) {
                assertThat(read(seen, "dump", buffer)).isEqualTo(new String(expected, StandardCharsets.US_ASCII));
            }
        }
        assertThat(store.readAll("dump")).isEqualTo(WHOLE);
    }

    private static String read(DamagedStore seen, String key, int buffer) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] bytes = new byte[buffer];
        try (InputStream stream = seen.read(key)) {
            for (int count = stream.read(bytes); count >= 0; count = stream.read(bytes)) {
                text.append(new String(bytes, 0, count, StandardCharsets.US_ASCII));
            }
        }
        return text.toString();
    }

    @Test
    void whatWasSeenToFailIsKeptFromRunToRun() {
        ChecksSeenToFail book = new ChecksSeenToFail(store, "main");
        SeenToFail first = new SeenToFail(AT, "table a was dropped", "restore-verification/main@1");
        SeenToFail second = new SeenToFail(AT.plusSeconds(60), "a row of a was deleted", "restore-verification/main@2");

        assertThat(book.read()).isEmpty();
        book.add(Map.of("tables", first));
        book.add(Map.of("exact row counts", second));

        assertThat(book.read()).containsOnly(Map.entry("tables", first), Map.entry("exact row counts", second));
        assertThat(new ChecksSeenToFail(store, "other").read()).isEmpty();
    }

    @Test
    void aBookThatNobodyCanReadIsBegunAnew() {
        store.put(BucketLayout.checksSeenToFail("main"), "scribble".getBytes(StandardCharsets.US_ASCII));
        ChecksSeenToFail book = new ChecksSeenToFail(store, "main");

        assertThat(book.read()).isEmpty();
        assertThat(book.add(Map.of("tables", SeenToFail.NEVER))).containsOnlyKeys("tables");
    }

    @Test
    void aProofIsWrittenOnceForARunAndTheLastOneCounts() {
        DumpProofs proofs = new DumpProofs(store, "main");
        Dump dump = new Dump("shop_1", "main", "shop", "7", 150018, AT, AT, 1, 1, null);

        assertThat(proofs.write(dump, "restore-verification/main@r1", "r1", AT, 7))
                .isFalse();
        store.put(BucketLayout.dumpManifest("main", "shop_1"), new byte[] {'{'});
        assertThat(proofs.provedAt("shop_1")).isEmpty();
        proofs.write(dump, "restore-verification/main@r1", "r1", AT, 7);
        proofs.write(dump, "restore-verification/main@r1", "r1", AT, 7);
        proofs.write(dump, "restore-verification/main@r2", "r2", AT.plusSeconds(86400), 9);

        assertThat(store.list(BucketLayout.dumpProofs("main", "shop_1"))).hasSize(2);
        assertThat(proofs.provedAt("shop_1")).contains(AT.plusSeconds(86400));
    }

    @Test
    void aDoubtStandsUntilALaterRunProvesTheDump() {
        DumpDoubts doubts = new DumpDoubts(store, "main");
        Dump dump = new Dump("shop_1", "main", "shop", "7", 150018, AT, AT, 1, 1, null);
        List<Check> red =
                List.of(Check.of("archive is whole", "9 bytes", "8 bytes", false), Check.of("tables", "1", "1", true));

        doubts.write(dump, "restore-verification/main@r1", "r1", AT, red);
        assertThat(doubts.standing()).as("of a dump that is gone").isEmpty();
        store.put(BucketLayout.dumpManifest("main", "shop_1"), new byte[] {'{'});
        doubts.write(dump, "restore-verification/main@r1", "r1", AT, List.of(red.get(1)));
        assertThat(doubts.standing()).as("nothing is red").isEmpty();
        doubts.write(dump, "restore-verification/main@r1", "r1", AT, red);
        doubts.write(dump, "restore-verification/main@r1", "r1", AT.plusSeconds(5), red);

        assertThat(store.list(BucketLayout.dumpDoubts("main", "shop_1"))).hasSize(1);
        assertThat(doubts.standing()).containsOnlyKeys("shop_1");
        assertThat(doubts.standing().values())
                .extracting(DumpDoubts.Doubt::words)
                .containsExactly("on %s restore-verification/main@r1 saw: archive is whole: 8 bytes".formatted(AT));
        new DumpProofs(store, "main").write(dump, "earlier", "r0", AT.minusSeconds(60), 7);
        assertThat(doubts.standing()).as("an earlier proof says nothing").hasSize(1);
        new DumpProofs(store, "main").write(dump, "later", "r2", AT.plusSeconds(60), 7);
        assertThat(doubts.standing()).isEmpty();
    }

    @Test
    void aDoubtThatNobodyCanReadIsOneAllTheSame() {
        store.put(
                BucketLayout.dumpDoubt("main", "shop_2026-02-15_020000", AT, "r1"),
                "scribble".getBytes(StandardCharsets.US_ASCII));

        assertThat(new DumpDoubts(store, "main").standing().values())
                .extracting(DumpDoubts.Doubt::words)
                .singleElement()
                .asString()
                .contains("cannot be read");
    }
}
