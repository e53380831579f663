package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The page in the bucket that says how to restore from it without Lifeboat: the section "By hand" of the runbook, word for
 * word, so that there is one text to keep right and to test.
 */
final class RestorePage {

    private static final String RUNBOOK = "README.md";
    private static final String FROM = "## By hand";
    private static final String TO = "## Evidence";
    private static final String HEAD =
            """
            # How to restore without Lifeboat

            What lies in this bucket can be restored with a shell and the tools below; nothing of Lifeboat is needed. This page is written
            with every base backup, by the version of Lifeboat that took it.

            """;

    private RestorePage() {}

    /** Writes the page unless it is there already, word for word. */
    static void keep(ObjectStore store) {
        byte[] page = text().getBytes(StandardCharsets.UTF_8);
        if (!Arrays.equals(page, current(store))) {
            store.put(BucketLayout.RESTORE_PAGE, page);
        }
    }

    static String text() {
        String runbook = runbook();
        int from = runbook.indexOf(FROM);
        int to = runbook.indexOf(TO, Math.max(from, 0));
        if (from < 0 || to < 0) {
            throw new IllegalStateException("the runbook in this build has no section '" + FROM + "'");
        }
        return HEAD + runbook.substring(from, to).strip() + "\n";
    }

    private static byte[] current(ObjectStore store) {
        try {
            return store.readAll(BucketLayout.RESTORE_PAGE);
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                return new byte[0];
            }
            throw e;
        }
    }

    private static String runbook() {
        try (InputStream in = RestorePage.class.getResourceAsStream(RUNBOOK)) {
            if (in == null) {
                throw new IllegalStateException("the runbook is missing in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
