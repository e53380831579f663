package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Compression;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DumpSnifferTest {

    private static final byte[] CUSTOM = header((byte) 1);
    private static final byte[] SQL = "--\n-- PostgreSQL database dump\n--\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void aCustomArchiveIsFoundWhateverItIsPackedIn() throws IOException {
        assertThat(sniff(CUSTOM)).isEqualTo(new DumpBytes(Format.CUSTOM, List.of(), false));
        assertThat(sniff(Zstd.compress(CUSTOM)).layers()).containsExactly(Compression.ZSTD);
        assertThat(sniff(gzip(CUSTOM)).layers()).containsExactly(Compression.GZIP);
        assertThat(sniff(gzip(Zstd.compress(CUSTOM))).layers()).containsExactly(Compression.GZIP, Compression.ZSTD);
        assertThat(sniff(gzip(Zstd.compress(CUSTOM))).format()).isEqualTo(Format.CUSTOM);
    }

    @Test
    void whatThePackingHeldComesOutWhole() throws IOException {
        byte[] twoMembers = concat(gzip(CUSTOM), gzip(SQL));

        var opened = DumpSniffer.open(new ReadAhead(new ByteArrayInputStream(twoMembers)), false, "x");

        assertThat(opened.plain().readAllBytes()).isEqualTo(concat(CUSTOM, SQL));
    }

    @Test
    void aTarIsToldFromATarOfAFolder() throws IOException {
        assertThat(sniff(tar("toc.dat", header((byte) 3))).format()).isEqualTo(Format.TAR);
        assertThat(sniff(tar("shop/toc.dat", header((byte) 3))).format()).isEqualTo(Format.DIRECTORY);
        assertThat(sniff(tar("shop/3001.dat", new byte[] {1})).format()).isEqualTo(Format.DIRECTORY);
    }

    @Test
    void textIsTakenForSqlAndADumpOfAWholeClusterIsRefused() throws IOException {
        assertThat(sniff(SQL).format()).isEqualTo(Format.SQL);
        assertThat(sniff("-- Größe\ninsert into".getBytes(StandardCharsets.UTF_8))
                        .format())
                .isEqualTo(Format.SQL);
        refused("--\n-- PostgreSQL database cluster dump\n--".getBytes(StandardCharsets.UTF_8), "whole cluster");
    }

    @Test
    void whatIsNoDumpIsRefusedWithItsFirstBytes() {
        refused(new byte[] {0x50, 0x4B, 3, 4, 0, 0}, "50 4b 03 04");
        refused(new byte[0], "it is empty");
        refused(header((byte) 5), "table of contents");
        refused("LIFEBOAT ENC 01\n{}".getBytes(StandardCharsets.US_ASCII), "encrypted by Lifeboat");
    }

    @ParameterizedTest
    @CsvSource({
        "shop_2026-02-15_020000.dump.zst, CUSTOM, ZSTD, false, ''",
        "shop_2026-02-15_020000.dump.zst.enc, CUSTOM, ZSTD, true, ''",
        "shop.dump.gz, CUSTOM, ZSTD, false, 'its name says gzip, and it is zstd'",
        "shop.dump, CUSTOM, ZSTD, false, 'its name says nothing of compression, and it is compressed with zstd'",
        "shop.dump.zst, CUSTOM, , false, 'its name says zstd, and it is not compressed'",
        "shop.sql.gz, CUSTOM, GZIP, false, 'its name says plain SQL, and it is a custom archive'",
        "shop.dump, TAR, , false, 'its name says a custom archive, and it is a tar archive'",
        "shop.tar, DIRECTORY, , false, ''",
        "shop.tgz, DIRECTORY, GZIP, false, ''",
        "shop.dump.zst, CUSTOM, ZSTD, true, 'it is encrypted, and its name does not end with .enc'",
        "shop.dump.enc, CUSTOM, , false, 'its name ends with .enc, and it is not encrypted'",
        "last-night, CUSTOM, ZSTD, false, ''",
        "SHOP.DUMP.GZ, CUSTOM, GZIP, false, ''"
    })
    void aNameThatSaysSomethingElseIsFoundOut(
            String name, Format format, Compression layer, boolean encrypted, String disagreement) {
        DumpBytes bytes = new DumpBytes(format, layer == null ? List.of() : List.of(layer), encrypted);

        assertThat(bytes.disagreements(name)).isEqualTo(disagreement.isEmpty() ? List.of() : List.of(disagreement));
    }

    private static DumpBytes sniff(byte[] bytes) throws IOException {
        return DumpSniffer.open(new ByteArrayInputStream(bytes), false, "x").bytes();
    }

    private static void refused(byte[] bytes, String why) {
        assertThatThrownBy(() -> sniff(bytes))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.DUMP_UNUSABLE))
                .hasMessageContaining(why);
    }

    /** As pg_dump 15 writes it: version, size of integers and offsets, format. */
    private static byte[] header(byte format) {
        return concat("PGDMP".getBytes(StandardCharsets.US_ASCII), new byte[] {1, 14, 0, 4, 8, format, 0, 0, 0, 0, 0});
    }

    private static byte[] tar(String name, byte[] content) {
        byte[] block = new byte[512];
        byte[] named = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(named, 0, block, 0, named.length);
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 5);
        return concat(block, java.util.Arrays.copyOf(content, 512));
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
