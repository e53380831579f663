package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What a refused command must leave as it was: the server's process, its rows and settings, every file in and beside the
 * data directory that a running server leaves alone, every object of the bucket. The worker's markers write WAL and say
 * what they saw, which is not counted.
 */
record Untouched(World world) {

    private static final List<String> LIVELY = List.of(
            "pg_wal", "pg_stat_tmp", "pg_stat", "pg_xact", "pg_subtrans", "pg_commit_ts", "pg_multixact", "base");

    List<String> everything() {
        List<String> seen = new ArrayList<>();
        seen.add("postmaster " + world.postgres().query("select pg_postmaster_start_time()::text"));
        seen.add("rows "
                + world.postgres()
                        .query("select count(*) || ' ' || md5(string_agg(id || note, ',' order by id)) from orders"));
        seen.add("open " + world.postgres().query("select bool_and(error is null)::text from pg_hba_file_rules"));
        seen.addAll(files());
        seen.addAll(objects());
        return seen;
    }

    private List<String> files() {
        Path data = world.postgres().dataDirectory();
        List<String> seen = new ArrayList<>();
        try {
            Files.walkFileTree(data.resolveSibling(""), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    if (isLively(data, folder)) {
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    seen.add(folder.toString());
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    boolean counts = !file.toString().contains("/archive/")
                            && !file.getFileName().toString().startsWith("last-commit-seen");
                    if (counts) {
                        seen.add(file + " " + content(file));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                    if (failed instanceof NoSuchFileException) {
                        // A note of the worker's or a file of the server's that was on its way to its name.
                        return FileVisitResult.CONTINUE;
                    }
                    throw failed;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return seen.stream().sorted().toList();
    }

    private static boolean isLively(Path data, Path folder) {
        return folder.startsWith(data)
                && !folder.equals(data)
                && LIVELY.contains(data.relativize(folder).getName(0).toString());
    }

    /** Of what a person or Lifeboat would change, not of what a server writes all the time. */
    private static String content(Path file) {
        if (!file.toString().endsWith(".conf")) {
            return "";
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> objects() {
        try (S3Client client = world.lab().s3().client()) {
            return client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET)).contents().stream()
                    .filter(object -> !object.key().startsWith("postgres/wal/"))
                    .filter(object -> !object.key().startsWith("schedules/"))
                    .map(object -> object.key() + " " + object.eTag())
                    .sorted()
                    .toList();
        }
    }
}
