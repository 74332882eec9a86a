/* Makes the system calls of a process fail as a word of shared memory says, and puts its clock forward or back.

   gcc -shared -fPIC -O1 -o faulty.so faulty.c -ldl
   LD_PRELOAD=faulty.so FAULTY_CONTROL=file FAULTY_PREFIX=/path/of/database program

   FAULTY_CONTROL is a file of 32 bytes that is mapped: what fails (mode), how many calls go well before it, the clock's
   offset in seconds, and how many calls were made to fail. Only files whose path begins with FAULTY_PREFIX are touched. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { FINE, FULL, READ_ONLY, BAD_WRITE, BAD_SYNC, BAD_READ };

struct control {
    volatile int64_t mode, spared, offset, failed;
};

static struct control none;
static struct control *control = &none;
static const char *prefix;
static size_t prefix_length;

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("FAULTY_CONTROL");
    prefix = getenv("FAULTY_PREFIX");
    prefix_length = prefix ? strlen(prefix) : 0;
    if (!path) return;
    int fd = open(path, O_RDWR);
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) control = mapped;
    close(fd);
}

static int is_ours(int fd) {
    char link[40], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    return prefix_length && length >= (ssize_t)prefix_length && !memcmp(path, prefix, prefix_length);
}

/* Whether this call is to fail; sets errno. */
static int fails(int fd, int writing) {
    int64_t mode = control->mode;
    if (mode == FINE || mode == BAD_SYNC) return 0;
    if (writing ? mode == BAD_READ : mode != BAD_READ) return 0;
    if (!is_ours(fd)) return 0;
    if (__sync_fetch_and_sub(&control->spared, 1) > 0) return 0;
    __sync_fetch_and_add(&control->failed, 1);
    errno = mode == FULL ? ENOSPC : mode == READ_ONLY ? EROFS : EIO;
    return 1;
}

static int sync_fails(int fd) {
    int64_t mode = control->mode;
    if ((mode != BAD_SYNC && mode != BAD_WRITE) || !is_ours(fd)) return 0;
    __sync_fetch_and_add(&control->failed, 1);
    errno = EIO;
    return 1;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) { REAL(write); return fails(fd, 1) ? -1 : real(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { REAL(pwrite); return fails(fd, 1) ? -1 : real(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { REAL(pwrite64); return fails(fd, 1) ? -1 : real(fd, data, size, at); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); return fails(fd, 1) ? -1 : real(fd, size); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); return fails(fd, 1) ? -1 : real(fd, size); }
ssize_t read(int fd, void *data, size_t size) { REAL(read); return fails(fd, 0) ? -1 : real(fd, data, size); }
ssize_t pread(int fd, void *data, size_t size, off_t at) { REAL(pread); return fails(fd, 0) ? -1 : real(fd, data, size, at); }
ssize_t pread64(int fd, void *data, size_t size, off64_t at) { REAL(pread64); return fails(fd, 0) ? -1 : real(fd, data, size, at); }
int fsync(int fd) { REAL(fsync); return sync_fails(fd) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return sync_fails(fd) ? -1 : real(fd); }

static int opens_to_write(const char *path, int flags) {
    if (control->mode != READ_ONLY || (flags & O_ACCMODE) == O_RDONLY) return 0;
    if (!prefix_length || strncmp(path, prefix, prefix_length)) return 0;
    __sync_fetch_and_add(&control->failed, 1);
    errno = EROFS;
    return 1;
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t rights = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        REAL(name); \
        return opens_to_write(path, flags) ? -1 : real(path, flags, rights); \
    }
OPENS(open)
OPENS(open64)

int clock_gettime(clockid_t which, struct timespec *now) {
    REAL(clock_gettime);
    int done = real(which, now);
    if (!done && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += control->offset;
    return done;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
