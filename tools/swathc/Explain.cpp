#include "Commands.h"
namespace swathc { int explain(){return 0;} int diff(){return 0;} }
